"""Where the books of stock disagree: counters, ledger, bins and promises, in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from config.kernel import sql
from inventory.models import StockDifference

# One statement sees one moment, and every command changes all books at once: so what differs here
# differs for good. Of the ledger's versions, the last and the count must both be the level's.
FIND = """
WITH ledger AS (
  SELECT level_id, sum(d_on_hand) AS on_hand, sum(d_unavailable) AS unavailable,
    sum(d_reserved) AS reserved, count(*) AS entries, max(version) AS last
  FROM inventory_stockmovement {of_levels} GROUP BY level_id),
contents AS (
  SELECT s.product_id, b.warehouse_id, sum(s.quantity) AS on_hand,
    sum(s.quantity) FILTER (WHERE s.condition <> 'good' OR b.kind = 'quarantine') AS unavailable
  FROM inventory_binstock s JOIN inventory_bin b ON b.id = s.bin_id
  {of_products} GROUP BY s.product_id, b.warehouse_id),
promised AS (
  SELECT level_id, sum(quantity) AS quantity
  FROM inventory_reservation {of_levels} GROUP BY level_id)
SELECT level.id, found.kind, NULL::uuid, found.counted::bigint, found.expected::bigint
FROM inventory_stocklevel level
LEFT JOIN ledger ON ledger.level_id = level.id
LEFT JOIN contents ON contents.product_id = level.product_id
  AND contents.warehouse_id = level.warehouse_id
LEFT JOIN promised ON promised.level_id = level.id
CROSS JOIN LATERAL (VALUES
  ('ledger_on_hand', level.on_hand, coalesce(ledger.on_hand, 0)),
  ('ledger_unavailable', level.unavailable, coalesce(ledger.unavailable, 0)),
  ('ledger_reserved', level.reserved, coalesce(ledger.reserved, 0)),
  ('bins_on_hand', level.on_hand, coalesce(contents.on_hand, 0)),
  ('bins_unavailable', level.unavailable, coalesce(contents.unavailable, 0)),
  ('reservations', level.reserved, coalesce(promised.quantity, 0)),
  ('versions', level.version, CASE WHEN coalesce(ledger.last, 0) = level.version
    THEN coalesce(ledger.entries, 0) ELSE ledger.last END)
) found(kind, counted, expected)
WHERE {chosen} found.counted IS DISTINCT FROM found.expected
ORDER BY level.id, found.kind
"""

EVERYWHERE = FIND.format(of_levels="", of_products="", chosen="")
ON_LEVELS = FIND.format(
    of_levels="WHERE level_id = ANY(%(levels)s)",
    of_products="""WHERE s.product_id IN (
    SELECT product_id FROM inventory_stocklevel WHERE id = ANY(%(levels)s))""",
    chosen="level.id = ANY(%(levels)s) AND",
)

LEDGER_CHECKS = frozenset(
    {
        StockDifference.Check.LEDGER_ON_HAND,
        StockDifference.Check.LEDGER_UNAVAILABLE,
        StockDifference.Check.LEDGER_RESERVED,
        StockDifference.Check.VERSIONS,
    }
)


Key = tuple[UUID | None, str, UUID | None]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A figure, and what another book says it should be."""

    level_id: UUID | None
    check: str
    demand_id: UUID | None
    counted: int
    expected: int

    @property
    def key(self) -> Key:
        """By which an open difference is known again."""
        return self.level_id, self.check, self.demand_id


def find() -> list[Disagreement]:
    """Return everything that does not agree within inventory."""
    return [Disagreement(*row) for row in sql.fetch(EVERYWHERE)]


def on_levels(level_ids: Collection[UUID]) -> list[Disagreement]:
    """Return what does not agree on these levels."""
    return [Disagreement(*row) for row in sql.fetch(ON_LEVELS, {"levels": list(level_ids)})]
