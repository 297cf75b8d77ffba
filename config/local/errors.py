"""What can go wrong on this machine, each told in one line."""


class LocalError(Exception):
    """The servers or the system cannot run here; the message is one line for a person."""
