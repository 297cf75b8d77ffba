"""Answers about orders that join, aggregate or page; they change nothing."""
