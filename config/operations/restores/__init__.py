"""Restoring: a backup becomes the system's data, checked before anything is touched."""
