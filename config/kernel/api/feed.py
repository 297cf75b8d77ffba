"""What happened to a channel's objects, each event exactly once to a patient poller."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from pydantic import BaseModel
from rest_framework.request import Request

from config.kernel import event_types, sql
from config.kernel.api import answers, pagination, problems, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.scopes import Scope

NOTHING = UUID(int=0)


class Position(NamedTuple):
    """A place in the feed: behind this event of this transaction of this server."""

    epoch: int
    transaction: int
    event: UUID

    def params(self) -> dict[str, Any]:
        """Return the values that `behind` compares with."""
        return {"epoch": self.epoch, "transaction": self.transaction, "event": self.event}


START = Position(0, 0, NOTHING)


def settled(table: str) -> str:
    """Return the condition for events that no running transaction can still precede.

    Only their order is final. Transactions are numbered by the database server; what an earlier
    one numbered comes first, all of it.
    """
    return (
        f"({table}.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"  # noqa: S608
        f" OR {table}.epoch < (SELECT epoch FROM kernel_installation))"
    )


def behind(table: str) -> str:
    """Return the condition for events behind a position."""
    return (
        f"({table}.epoch, {table}.transaction_id, {table}.id)"
        " > (%(epoch)s, %(transaction)s, %(event)s)"
    )


_INSIDE = ",".join(sorted(event_types.INSIDE))
FEED = f"""
SELECT e.id, e.type, e.aggregate, e.aggregate_id, e.aggregate_version, e.occurred_at,
  e.payload - '{{{_INSIDE}}}'::text[], e.epoch, e.transaction_id
FROM kernel_event e
WHERE e.channel_id = %(channel)s AND NOT e.silent AND {settled("e")} AND {behind("e")}
ORDER BY e.epoch, e.transaction_id, e.id LIMIT %(limit)s
"""  # noqa: S608 - texts from code


def position(params: Mapping[str, str]) -> Position | None:
    """Return where the last page ended, None for a first page; raises 400 for a forged cursor."""
    given = pagination.position_of(params)
    if given is None:
        return None
    try:
        epoch, transaction, event = given
        return Position(int(epoch), int(transaction), UUID(event))
    except ValueError as error:
        raise problems.BadRequest("This cursor is not ours.") from error


def page(*, channel_id: UUID, params: Mapping[str, str]) -> dict[str, Any]:
    """Return the events behind the cursor, and a cursor that also works when there are none yet."""
    limit, end = pagination.limit_of(params), position(params) or START
    rows = sql.fetch(FEED, {"channel": channel_id, "limit": limit, **end.params()})
    if rows:
        end = Position(rows[-1][7], rows[-1][8], rows[-1][0])
    return {"results": [_event(row) for row in rows], "next": pagination.cursor(params, end)}


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "type": row[1],
        "aggregate": row[2],
        "aggregate_id": row[3],
        "version": row[4],
        "occurred_at": row[5],
        "data": sql.raw(row[6]),
    }


class FeedEventOut(BaseModel):
    """Something that happened; drop what you saw by `id`, order by `version` per `aggregate_id`."""

    id: str
    type: str
    aggregate: str
    aggregate_id: str
    version: int
    occurred_at: str
    data: dict[str, Any]


class EventPageOut(BaseModel):
    """Events, oldest first; `next` also works when there are none yet."""

    results: list[FeedEventOut]
    next: str


class Events(Door):
    """Everything that happened to the channel's orders, oldest first."""

    scopes: ClassVar = {"GET": Scope.EVENTS_READ}

    @extend_schema(
        operation_id="events_list",
        parameters=[schema.CURSOR, schema.LIMIT],
        responses={200: EventPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List events behind `cursor`; keep the answer's `next` and come back with it."""
        params = request.query_params.dict()
        pagination.only(params, frozenset())
        return answers.json(page(channel_id=caller_of(request).channel.id, params=params))
