"""The doctor's round: every check once, in a fixed order, each with a finding whatever happens."""

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from config.operations import facts
from config.operations.doctor import known, live
from config.operations.doctor.findings import Check, Finding, State

BY_FACTS: tuple[Check[[facts.Facts]], ...] = (
    known.worker,
    known.beat,
    known.queue,
    known.outbox,
    known.deliveries,
    known.transactions,
    known.backup,
    live.time_of_day,
)


def examine() -> list[Finding]:
    """Look at everything now; takes seconds at most, also when much is broken."""
    return [*_of_the_database(), live.redis(), live.post(), *live.disks(), live.certificate()]


def _of_the_database() -> Iterator[Finding]:
    answer = live.database()
    yield answer
    if answer.state == State.FAILED:
        yield _unknown(live.schema)
        yield from (_unknown(check) for check in BY_FACTS)
        return
    yield _try(live.schema)
    try:
        seen = facts.read()
    except DatabaseError:  # the tables are not there yet
        yield from (_unknown(check) for check in BY_FACTS)
        return
    for check in BY_FACTS:
        yield _try(check, seen)


def _try(check: Check[Any], *args: Any) -> Finding:
    try:
        return check(*args)
    except DatabaseError as error:
        return check.look.failed(_("Cannot be looked at: %(why)s") % {"why": error})


def _unknown(check: Check[Any]) -> Finding:
    return check.look.warning(_("Unknown as long as the database does not answer."))
