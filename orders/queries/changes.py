"""Orders as they change: each at its last change, for a poller that comes back.

The walk follows the events feed, so it shares its promise: transactions are shown once no running
one can still precede them. It costs placing and changing an order nothing: an index over
`updated_at` would be written anew with every change.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from config.kernel import ids, sql
from config.kernel.api import feed, pagination
from orders import answers
from orders.queries import reading

# An order's version counts its events: the event of that version is its last change.
WALK = f"""
SELECT {", ".join(f"o.{name}" for name in reading.LISTED)},
  e.epoch AS at_epoch, e.transaction_id AS at_transaction, e.id AS at_event
FROM kernel_event e
JOIN orders_order o ON o.id = e.aggregate_id AND o.version = e.aggregate_version
WHERE e.channel_id = %(channel)s AND e.aggregate = 'order'
  AND {feed.settled("e")} AND {feed.behind("e")}
  AND o.updated_at >= %(updated_after)s {{conditions}}
ORDER BY e.epoch, e.transaction_id, e.id LIMIT %(limit)s
"""  # noqa: S608 - texts from code

# Where a walk may begin: the last event recorded well before the moment asked for.
BEFORE = """
SELECT epoch, transaction_id FROM kernel_event WHERE id < %(id)s ORDER BY id DESC LIMIT 1
"""
# By so much clocks may differ, and a transaction may take its number after its event's key.
SLACK = timedelta(minutes=10)


def page(
    *, channel_id: UUID, chosen: Mapping[str, Any], params: Mapping[str, str]
) -> dict[str, Any]:
    """Return the channel's orders that changed from `updated_after` on, oldest change first.

    Takes what `reading.page` takes. `next` is always there: whoever comes back with it gets each
    order that changed since, once and as it is now. Two queries on a first page, else one.
    """
    position = feed.position(params) or _start(chosen["updated_after"])
    values = {**chosen, "channel": channel_id, "limit": pagination.limit_of(params)}
    rows = sql.fetch_dicts(
        WALK.format(conditions=reading.conditions(values)),
        {**reading.keyed(values), **position.params()},
        binary=True,
    )
    last = rows[-1] if rows else None
    if last:
        position = feed.Position(last["at_epoch"], last["at_transaction"], last["at_event"])
    return {
        "results": [answers.headline(row) for row in rows],
        "next": pagination.cursor(params, position),
    }


def _start(moment: datetime) -> feed.Position:
    row = sql.fetch_one(BEFORE, {"id": ids.first_at(moment, earlier=SLACK)})
    return feed.Position(row[0], row[1], feed.NOTHING) if row else feed.START
