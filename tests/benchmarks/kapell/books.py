"""Do the books agree after all that load: counters, promises, ledger, bins, the orders' side."""

from tests.benchmarks.bench import Bench

CHECKS = {
    "levels whose counters differ from their ledger": """
        SELECT count(*) FROM inventory_stocklevel l LEFT JOIN (
          SELECT level_id, sum(d_on_hand) AS on_hand, sum(d_unavailable) AS unavailable,
            sum(d_reserved) AS reserved, count(*) AS entries, max(version) AS version
          FROM inventory_stockmovement GROUP BY 1) m ON m.level_id = l.id
        WHERE (l.on_hand, l.unavailable, l.reserved, l.version, l.version) IS DISTINCT FROM
          (coalesce(m.on_hand, 0), coalesce(m.unavailable, 0), coalesce(m.reserved, 0),
           coalesce(m.entries, 0), coalesce(m.version, 0))""",
    "levels whose allocated units differ from their promises": """
        SELECT count(*) FROM inventory_stocklevel l LEFT JOIN (
          SELECT level_id, sum(quantity) AS quantity FROM inventory_reservation GROUP BY 1) r
          ON r.level_id = l.id
        WHERE l.reserved <> coalesce(r.quantity, 0)""",
    "levels whose units differ from their bins": """
        SELECT count(*) FROM inventory_stocklevel l LEFT JOIN (
          SELECT b.warehouse_id, s.product_id, sum(s.quantity) AS quantity FROM inventory_binstock s
          JOIN inventory_bin b ON b.id = s.bin_id GROUP BY 1, 2) s
          ON s.warehouse_id = l.warehouse_id AND s.product_id = l.product_id
        WHERE l.on_hand <> coalesce(s.quantity, 0)""",
    "order lines whose allocated units differ from their promises": """
        SELECT count(*) FROM orders_orderline l FULL JOIN (
          SELECT demand_id, sum(quantity) AS quantity FROM inventory_reservation GROUP BY 1) r
          ON r.demand_id = l.id
        WHERE coalesce(l.reserved + l.assigned, 0) <> coalesce(r.quantity, 0)""",
    "orders without their lines, answer or event": """
        SELECT count(*) FROM orders_order o WHERE o.reference LIKE 'B-%' AND (
          NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id)
          OR NOT EXISTS (SELECT FROM orders_intake i WHERE i.order_id = o.id)
          OR NOT EXISTS (SELECT FROM kernel_event e
            WHERE e.aggregate_id = o.id AND e.aggregate_version = o.version))""",
    "units of the floor reserved without a row": """
        SELECT abs((SELECT sum(reserved) FROM floor.stock WHERE sku_id <= 1000)
          - (SELECT coalesce(sum(qty), 0) FROM floor.reservation WHERE sku_id <= 1000))""",
}


def check(bench: Bench) -> None:
    """Count the differences, with our own sums and by `manage.py reconcile`."""
    differences = 0
    for what, statement in CHECKS.items():
        with bench.house.connect("floor" if "floor" in what else "kapell") as connection:
            row = connection.execute(statement).fetchone()
        found = int(row[0]) if row else 1
        if found:
            bench.say(f"books: {found} {what}")
        differences += found
    bench.figures.note(books_differences=differences, reconcile_differences=_reconcile(bench))
    bench.say(f"books: {differences} differences")


def _reconcile(bench: Bench) -> int:
    said = bench.house.run("manage.py", "reconcile", statuses=(0, 1)).strip()
    bench.say(f"reconcile: {said.splitlines()[-1] if said else 'said nothing'}")
    return 0 if "no differences" in said else 1
