"""People and roles in the console."""

from config.people.admin import people, roles

__all__ = ["people", "roles"]
