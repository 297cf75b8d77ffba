"""Registers the console's pages that belong to no single app."""

from config.console import system

__all__ = ["system"]
