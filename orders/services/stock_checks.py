"""The orders' side of the stock check: what lines count on against what is promised to them.

Orders are the book of record for who may count on stock. A promise beyond what its line counts
on, or of a line that is no more, is released; a line that counts on more than is promised to it
gets the promise it lacks, if the stock is there.
"""

from uuid import UUID

from config.kernel import sql
from inventory.models import StockDifference, StockMovement
from inventory.queries.disagreements import Disagreement
from inventory.services import reservations, stock_checks
from inventory.services.reservations import Promise
from inventory.services.stock_checks import Repair

# A line without any promise is shown where its product is asked for first.
FIND = """
WITH promised AS (
  SELECT demand_id, sum(quantity) AS quantity,
    (array_agg(level_id ORDER BY level_id))[1] AS level_id
  FROM inventory_reservation {of_demand} GROUP BY demand_id),
counted_on AS (
  SELECT id, product_id, reserved + assigned AS quantity
  FROM orders_orderline WHERE reserved + assigned > 0 {of_line})
SELECT coalesce(promised.level_id, (
    SELECT level.id FROM inventory_stocklevel level
    JOIN inventory_warehouse w ON w.id = level.warehouse_id
    WHERE level.product_id = line.product_id ORDER BY w.priority, level.id LIMIT 1)),
  'orders', coalesce(promised.demand_id, line.id),
  coalesce(promised.quantity, 0)::bigint, coalesce(line.quantity, 0)::bigint
FROM promised FULL JOIN counted_on line ON line.id = promised.demand_id
WHERE promised.quantity IS DISTINCT FROM line.quantity
ORDER BY 1, 3
"""

EVERYWHERE = FIND.format(of_demand="", of_line="")
OF_DEMAND = FIND.format(of_demand="WHERE demand_id = %(demand)s", of_line="AND id = %(demand)s")

LOCK_ORDER = """
SELECT o.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
WHERE l.id = %s FOR NO KEY UPDATE OF o
"""


def find() -> list[Disagreement]:
    """Return the lines whose allocated units and promises differ."""
    return [Disagreement(*row) for row in sql.fetch(EVERYWHERE)]


def repair(difference: StockDifference, decision: Repair) -> UUID | None:
    """Give a line the promises it counts on, no more; return the ledger entry, None if they agree.

    Locks the order, then levels. Raises `ShortfallError` when a promise is missing and the stock is
    not there.
    """
    sql.run(LOCK_ORDER, [difference.demand_id])
    now = [Disagreement(*row) for row in sql.fetch(OF_DEMAND, {"demand": difference.demand_id})]
    if not now or now[0].level_id is None or now[0].demand_id is None:
        return None
    surplus = now[0].counted - now[0].expected
    if surplus > 0:
        _release(now[0].demand_id, surplus, decision)
    else:
        _reserve(Promise(now[0].demand_id, now[0].level_id, -surplus), decision)
    booked = StockMovement.objects.filter(command_id=decision.command_id).order_by("level_id")
    return booked.values_list("pk", flat=True).first()


def _release(demand_id: UUID, surplus: int, decision: Repair) -> None:
    reservations.release(
        quantities={demand_id: surplus},
        command_id=decision.command_id,
        subject_id=None,
        document="",
        actor=decision.actor,
        at=decision.at,
        reason=decision.reason,
    )


def _reserve(promise: Promise, decision: Repair) -> None:
    reservations.reserve(
        promises=[promise],
        command_id=decision.command_id,
        subject_id=None,
        document="",
        actor=decision.actor,
        at=decision.at,
    )


stock_checks.register(StockDifference.Check.ORDERS, stock_checks.Part(find, repair))
