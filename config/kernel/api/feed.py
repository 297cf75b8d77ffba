"""What happened to a channel's objects, each event exactly once to a patient poller."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from pydantic import BaseModel
from rest_framework.request import Request

from config.kernel import sql
from config.kernel.api import answers, pagination, problems, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.scopes import Scope

# Only what no running transaction can still precede: then the order of transactions is final.
# Transactions are numbered by the database server; what an earlier one numbered comes first, all.
FEED = """
SELECT id, type, aggregate, aggregate_id, aggregate_version, occurred_at, payload,
  epoch, transaction_id
FROM kernel_event
WHERE channel_id = %(channel)s AND NOT silent
  AND (transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       OR epoch < (SELECT epoch FROM kernel_installation))
  AND (epoch, transaction_id, id) > (%(epoch)s, %(transaction)s, %(id)s)
ORDER BY epoch, transaction_id, id LIMIT %(limit)s
"""
START = ("0", "0", "00000000-0000-0000-0000-000000000000")


def page(*, channel_id: UUID, params: Mapping[str, str]) -> dict[str, Any]:
    """Return the events behind the cursor, and a cursor that also works when there are none yet."""
    limit, position = pagination.limit_of(params), pagination.position_of(params) or START
    epoch, transaction, last = position
    rows = sql.fetch(
        FEED,
        {
            "channel": channel_id,
            "epoch": int(epoch),
            "transaction": int(transaction),
            "id": UUID(last),
            "limit": limit,
        },
    )
    end = (rows[-1][7], rows[-1][8], rows[-1][0]) if rows else position
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


class EventOut(BaseModel):
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

    results: list[EventOut]
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
        if len(params.get("cursor", "")) > 500:
            raise problems.BadRequest("This cursor is not ours.")
        return answers.json(page(channel_id=caller_of(request).channel.id, params=params))
