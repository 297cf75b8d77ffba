"""Answers about customers; they change nothing."""
