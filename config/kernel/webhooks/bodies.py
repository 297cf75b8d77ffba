"""What a webhook says: ids, codes and quantities of one event, rendered once and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from config.kernel import event_types, sql

LARGEST = 20_000


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it is told; `payload` is JSON text."""

    id: UUID
    type: str
    aggregate: str
    aggregate_id: UUID
    version: int
    occurred_at: datetime
    channel_id: UUID | None
    is_silent: bool
    payload: str


def of(happening: Happening, channel: str) -> str:
    """Return the body for an event of a channel, at most 20 kB; same event, same bytes.

    Lists that would make it longer are left out and named under `left_out`; what they say can be
    fetched over the API.
    """
    data = outward(msgspec.json.decode(happening.payload))
    body = _rendered(happening, channel, data)
    if len(body.encode()) <= LARGEST:
        return body
    lists = [name for name, value in data.items() if isinstance(value, list | dict)]
    short = {name: value for name, value in data.items() if name not in lists}
    return _rendered(happening, channel, {**short, "left_out": lists})


def document(happening: Happening) -> str:
    """Return the number of what an event is about, such as an order's; empty without one."""
    return str(msgspec.json.decode(happening.payload).get("number", ""))[:40]


def outward(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload without what people typed."""
    return {name: value for name, value in payload.items() if name not in event_types.INSIDE}


def ping(message_id: UUID, channel: str, at: datetime) -> str:
    """Return the body of a test message."""
    return sql.to_json(
        {"id": message_id, "type": "ping", "occurred_at": at, "channel": channel, "data": {}}
    )


def _rendered(happening: Happening, channel: str, data: Mapping[str, Any]) -> str:
    return sql.to_json(
        {
            "id": happening.id,
            "type": happening.type,
            "occurred_at": happening.occurred_at,
            "channel": channel,
            "aggregate": happening.aggregate,
            "aggregate_id": happening.aggregate_id,
            "version": happening.version,
            "data": data,
        }
    )
