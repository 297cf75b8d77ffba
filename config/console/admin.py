"""Registers the console's pages that belong to no single app."""

from config.console import people

__all__ = ["people"]
