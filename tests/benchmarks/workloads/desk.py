"""The order desk with a long history: lists, filters and searches; and holding 5,000 at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.bench import Bench, getting
from tests.benchmarks.load import Load

ORDERS = "/admin/orders/order/"
HELD = 5_000
BUSY = Path(__file__).parents[1] / "kapell/million.sql"

LISTS: Sequence[Mapping[str, str]] = [
    {"view": view}
    for view in ("open", "today", "late", "held", "short", "ready", "unpaid", "new", "all")
]
FILTERS: Sequence[Mapping[str, str]] = [
    {"view": "open", "hold": "price"},
    {"view": "open", "tag": "VIP"},
    {"view": "all", "tag": "Recall"},
    {"view": "open", "sku": "SKU-00007"},
    {"view": "all", "sku": "SKU-00007"},
    {"view": "open", "priority": "10"},
    {"view": "all", "payment": "pending"},
    {"view": "all", "status": "cancelled"},
    {"view": "open", "sort": "oldest"},
    {"view": "all", "since": "2020-01-01", "until": "2020-01-31"},
    {"view": "open", "p": "40"},
]


def run_million(bench: Bench) -> None:
    """A million orders and one person clicking: p95 of lists, filters, searches, counts."""
    with bench.house.connect() as connection:
        connection.execute(BUSY.read_text())
        connection.execute("VACUUM ANALYZE")
        terms = _terms(connection)
    _measure(bench, "list", [f"{ORDERS}?{urlencode(query)}" for query in LISTS])
    _measure(bench, "filters", [f"{ORDERS}?{urlencode(query)}" for query in FILTERS])
    _measure(bench, "search", [f"{ORDERS}?{urlencode({'q': term})}" for term in terms])
    _measure(bench, "counts", [f"{ORDERS}view-counts/"])
    busiest = getting(lambda _: f"{ORDERS}?view=open", _cookie(bench))
    bench.figures.note(million_list_queries=bench.statements_per_call("order list", busiest, 40))


def run_bulk(bench: Bench) -> None:
    """The hold of 5,000 orders by one action: how long the request takes, how fast the job is."""
    said = json.loads(bench.house.run("-m", "tests.benchmarks.kapell.bulk", str(HELD)))
    bench.say(f"bulk: {said}")
    bench.figures.note(
        bulk_request_ms=said["request_ms"],
        bulk_seconds=said["seconds"],
        bulk_rows_per_s=said["rows_per_s"],
        bulk_failed=said["failed"] + HELD - said["done"],
    )


def _measure(bench: Bench, name: str, addresses: Sequence[str]) -> None:
    """Note the p95 over all addresses, each asked as often, and tell the slowest."""
    slowest, worst = "", 0.0
    p95s = []
    for address in addresses:
        sample = bench.drive(getting(_same(address), _cookie(bench)), Load(1, limit=20))
        bench.tell_faults(name, sample)
        p95s.append(sample.percentile(95))
        if p95s[-1] > worst:
            slowest, worst = address, p95s[-1]
    bench.say(f"{name}: slowest {slowest} with {worst:.0f} ms")
    p95s.sort()
    bench.figures.note(
        **{
            f"million_{name}_p95_ms": round(p95s[-1], 1),
            f"million_{name}_median_ms": round(p95s[len(p95s) // 2], 1),
        }
    )


def _terms(connection: Any) -> list[str]:
    """One order's number, e-mail, phone, names and so on, and a name that thousands share."""
    row = connection.execute(
        "SELECT number, email, phone, name_key, reference, customer_order_number FROM orders_order "
        "WHERE customer_order_number <> '' ORDER BY id OFFSET 5000 LIMIT 1"
    ).fetchone()
    return [*row, row[3].split()[-1], "SW5A", "SKU-00009", "nobody at all"]


def _cookie(bench: Bench) -> dict[str, str]:
    return {"Cookie": bench.doors["cookie"], "Accept": "text/html"}


def _same(path: str) -> Callable[[object], str]:
    return lambda _chance: path
