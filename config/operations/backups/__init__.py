"""Backups: one file with database, files and secrets, made in one piece or not at all."""
