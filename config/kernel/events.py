"""Events: written in the transaction of the command that causes them, delivered a moment later.

Call what must be true at commit; publish what may follow. An event row is timeline, outbox and
webhook source; its payload holds ids, codes and quantities only, so receivers fetch and nothing
ever needs erasing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

from config.kernel import ids, sql, wakeup
from config.kernel.actors import Actor
from config.kernel.models import Event

Handler = Callable[[Event], None]
H = TypeVar("H", bound=Handler)

_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


def subscribe(*types: str) -> Callable[[H], H]:
    """Register an idempotent handler for event types; used in `handlers.py` only."""

    def register(handler: H) -> H:
        name = f"{handler.__module__}.{handler.__qualname__}"
        for type_ in types:
            _handlers[type_][name] = handler
        return handler

    return register


def handlers_of(type_: str) -> Mapping[str, Handler]:
    """Return the handlers of an event type by their stored names."""
    return _handlers.get(type_, {})


def row(  # noqa: PLR0913 - an event has that many facts
    *,
    type: str,  # noqa: A002 - the word the events feed shows
    aggregate: str,
    aggregate_id: UUID,
    version: int,
    at: datetime,
    actor: Actor,
    command_id: UUID,
    subject_id: UUID | None = None,
    channel_id: UUID | None = None,
    payload: Mapping[str, Any] | None = None,
    silent: bool = False,
) -> dict[str, Any]:
    """Return an event's row for a bulk insert; the caller inserts it and calls `published`.

    `version` is the aggregate's dense version after the change. A `silent` event (imported history)
    is kept for the timeline and never handed to webhooks or mails.
    """
    return {
        "id": ids.new(),
        "type": type,
        "aggregate": aggregate,
        "aggregate_id": aggregate_id,
        "aggregate_version": version,
        "subject_id": subject_id,
        "channel_id": channel_id,
        "occurred_at": at,
        "payload": payload or {},
        "command_id": command_id,
        "silent": silent,
        **actor.columns(),
    }


def publish(**event: Any) -> None:
    """Write one event in the running transaction; takes what `row` takes."""
    publish_many([row(**event)])


def publish_many(rows: list[dict[str, Any]]) -> None:
    """Write events in the running transaction and wake the dispatcher when it commits."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is published inside the command that causes it")
    if rows:
        sql.insert((Event, rows))
        published()


def published() -> None:
    """Wake the dispatcher when this transaction has committed; without Redis it takes longer."""
    transaction.on_commit(wakeup.dispatch, robust=True)
