"""Security events in the log: who signed in, failed, was locked out, made a key. Never a secret.

One logger, `kapell.security`, so that they can be sent where somebody watches. The request's id and
the person at the console stand in the line by themselves.
"""

from typing import Any

import structlog

_log = structlog.get_logger("kapell.security")


def note(event: str, **facts: Any) -> None:
    """Write an event with ids, addresses and counts; never with names, mails or secrets."""
    _log.info(event, **{name: str(value) for name, value in facts.items()})
