"""W3: read orders, through the API beside the floor and in the console beside an empty page."""

import random
from collections.abc import Callable
from functools import partial

from tests.benchmarks.bench import Bench, getting
from tests.benchmarks.floor import bodies as floor
from tests.benchmarks.interleaved import Pairs
from tests.benchmarks.load import Flow, Load, Sample

EMPTY_PAGE = "/admin/password_change/"
ORDER_LIST = "/admin/orders/order/"
NUMBERS = (
    "SELECT number FROM orders_order WHERE reference LIKE 'PAST-%' ORDER BY random() LIMIT 5000"
)


def run(bench: Bench) -> None:
    """A page of 50 with the floor's filters, a page without any, one order; then the console."""
    key = {"Authorization": f"Bearer {bench.doors['bench']}"}
    numbers = _numbers(bench)
    since = f"/api/v1/orders/?status=open&placed_after={floor.SINCE}&limit=50"
    listing = getting(lambda _: since, key)
    pairs = bench.compare("W3 list", floor=floor.page, ours=listing)
    _note(bench, "w3_list", pairs, listing)
    plain = getting(lambda _: "/api/v1/orders/", key)
    pairs = bench.compare("W3 list, no filter", floor=floor.page, ours=plain)
    bench.figures.note(w3_list_unfiltered_ratio=round(pairs.rate, 3))
    one = getting(lambda chance: f"/api/v1/orders/{chance.choice(numbers)}/", key)
    pairs = bench.compare(
        "W3 detail", floor=partial(floor.detail, orders=bench.scale.orders), ours=one
    )
    _note(bench, "w3_detail", pairs, one)


def run_console(bench: Bench) -> None:
    """The list of orders as staff see it, with one client, as one person clicks."""
    cookie = {"Cookie": bench.doors["cookie"], "Accept": "text/html"}
    empty, orders = (getting(_same(path), cookie) for path in (EMPTY_PAGE, ORDER_LIST))
    size = Load(1, seconds=bench.scale.seconds)
    extra, listed = [], []
    for number in range(1, bench.scale.rounds + 1):
        base, mine = bench.drive(empty, size), bench.drive(orders, size)
        bench.tell_faults("console", base)
        bench.tell_faults("console", mine)
        extra.append(mine.cpu_ms - base.cpu_ms)
        listed.append(mine)
        bench.say(
            f"console {number}/{bench.scale.rounds}: order list {mine.cpu_ms:.1f} CPU-ms beside "
            f"{base.cpu_ms:.1f} of an empty page, p95 {mine.percentile(95):.0f} ms"
        )
    _note_console(bench, extra, listed)
    bench.figures.note(
        console_list_queries=bench.statements_per_call("console order list", orders, 40),
        console_empty_queries=bench.statements_per_call("console empty page", empty, 40),
    )


def _note(bench: Bench, name: str, pairs: Pairs, flow: Flow) -> None:
    figures = {
        f"{name}_ratio": round(pairs.rate, 3),
        f"{name}_queries": bench.statements_per_call(name, flow, 200),
        f"{name}_cpu_ratio": round(pairs.cpu, 2),
        f"{name}_per_s": round(pairs.median(lambda sample: sample.per_second), 1),
        f"{name}_p95_ms": round(pairs.median(lambda sample: sample.percentile(95)), 1),
        f"{name}_failed": sum(sample.failed for sample in pairs.ours),
        f"floor_{name[3:]}_per_s": round(pairs.floor_median(lambda sample: sample.per_second), 1),
    }
    bench.figures.note(**figures)


def _note_console(bench: Bench, extra: list[float], listed: list[Sample]) -> None:
    middle = sorted(extra)[len(extra) // 2]
    p95 = sorted(sample.percentile(95) for sample in listed)[len(listed) // 2]
    bench.figures.note(
        console_list_extra_cpu_ms=round(middle, 1),
        console_list_p95_ms=round(p95, 1),
        console_list_failed=sum(sample.failed + sample.refused for sample in listed),
    )


def _numbers(bench: Bench) -> list[str]:
    with bench.house.connect() as connection:
        return [number for (number,) in connection.execute(NUMBERS)]


def _same(path: str) -> Callable[[random.Random], str]:
    return lambda _chance: path
