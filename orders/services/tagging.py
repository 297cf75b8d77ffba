"""Tags on orders: put on and taken off many at once, told by each order's timeline."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from config.kernel import commands, ids, sql, tags
from config.kernel.actors import Actor
from orders.services import progress
from orders.services.progress import Happened

ADD = """
UPDATE orders_order SET tags = array_append(tags, %(tag)s::varchar)
WHERE id = ANY(%(orders)s::uuid[]) AND NOT tags @> ARRAY[%(tag)s::varchar] RETURNING id
"""

REMOVE = """
UPDATE orders_order SET tags = array_remove(tags, %(tag)s::varchar)
WHERE id = ANY(%(orders)s::uuid[]) AND tags @> ARRAY[%(tag)s::varchar] RETURNING id
"""


@commands.command
def tag(*, order_ids: Sequence[UUID], name: str, actor: Actor, at: datetime) -> list[UUID]:
    """Put a tag on orders, spelt as it was first; return those that did not have it.

    Raises `TagUnfit`. Locks the orders by id.
    """
    (spelt,) = tags.canonical(names=[name]) or [""]
    if not spelt:
        raise tags.TagUnfit
    return _change(ADD, "order.tagged", spelt, order_ids, actor, at)


@commands.command
def untag(*, order_ids: Sequence[UUID], name: str, actor: Actor, at: datetime) -> list[UUID]:
    """Take a tag off orders; return those that had it. Locks the orders by id."""
    return _change(REMOVE, "order.untagged", tags.spelt(name), order_ids, actor, at)


def _change(
    statement: str, type_: str, name: str, order_ids: Sequence[UUID], actor: Actor, at: datetime
) -> list[UUID]:
    progress.lock(order_ids)
    given = {"tag": name, "orders": sql.array(order_ids)}
    changed = [row[0] for row in sql.fetch(statement, given)]
    # The key for what people wrote: it is told in the timeline and to nobody outside.
    happened = [Happened(order_id, type_, {"reason": name}) for order_id in changed]
    progress.record(happened=happened, actor=actor, command_id=ids.new(), at=at)
    return changed
