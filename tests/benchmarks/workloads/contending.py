"""W2: many after few. 50 clients want 500 units of one SKU; 32 want the same ten in any order."""

import itertools
from collections.abc import Iterator

from tests.benchmarks import load
from tests.benchmarks.bench import Bench
from tests.benchmarks.floor import bodies as floor
from tests.benchmarks.kapell import bodies
from tests.benchmarks.load import Load, Sample

UNITS, CALLS, CLIENTS = 500, 700, 50
REFILL = "UPDATE floor.stock SET on_hand = 500, reserved = 0 WHERE sku_id = 1001"
RESERVED = """
SELECT l.reserved, coalesce(sum(r.quantity), 0) FROM inventory_product p
JOIN inventory_stocklevel l ON l.product_id = p.id
LEFT JOIN inventory_reservation r ON r.level_id = l.id
WHERE p.sku = %s GROUP BY l.id
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'kapell'"


def run(bench: Bench) -> None:
    """Refuse beside the floor; backorder; then orders in adverse order."""
    hot = itertools.count(1)
    _refuse(bench, hot)
    _backorder(bench, next(hot))
    _adverse(bench)


def _refuse(bench: Bench, hot: Iterator[int]) -> None:
    sold: list[tuple[int, ...]] = []

    def ours() -> Sample:
        number = next(hot)
        sample = _hot(bench, "hot", number)
        sold.append((sample.done, *_reserved(bench, number)))
        return sample

    pairs = bench.compare_runs("W2 refuse", floor=lambda: _floor(bench), ours=ours)
    wrong = [each for each in sold if set(each) != {UNITS}]
    for done, reserved, promised in wrong:
        bench.say(f"W2: {done} orders taken, {reserved} reserved, {promised} promised")
    bench.figures.note(
        w2_sold=wrong[0][1] if wrong else UNITS,
        w2_taken=wrong[0][0] if wrong else UNITS,
        w2_ratio=round(pairs.rate, 3),
        w2_ratio_worst=round(min(pairs.rate_ratios), 3),
        w2_cpu_ratio=round(pairs.cpu, 2),
        w2_per_s=round(pairs.median(lambda sample: sample.per_second), 1),
        w2_p95_ms=round(pairs.median(lambda sample: sample.percentile(95)), 1),
        w2_failed=sum(sample.failed for sample in pairs.ours),
    )


def _backorder(bench: Bench, number: int) -> None:
    sample = _hot(bench, "bench", number)
    bench.tell_faults("W2 backorder", sample)
    reserved, promised = _reserved(bench, number)
    bench.say(f"W2 backorder: {sample.done} orders taken, {reserved} units reserved")
    bench.figures.note(
        w2_backorder_reserved=reserved if reserved == promised else promised,
        w2_backorder_taken=sample.done,
        w2_backorder_failed=sample.failed + sample.refused,
        w2_backorder_per_s=round(sample.per_second, 1),
    )


def _adverse(bench: Bench) -> None:
    flow = bodies.placing(bench.doors["bench"], bodies.adverse)
    before = _deadlocks(bench)
    sample = bench.drive(flow, Load(32, limit=bench.scale.adverse))
    bench.tell_faults("W2 adverse", sample)
    deadlocks = _deadlocks(bench) - before
    bench.say(
        f"W2 adverse order: {sample.done:,} orders at {sample.per_second:.0f}/s, "
        f"{deadlocks} deadlocks"
    )
    bench.figures.note(
        w2_adverse_orders=sample.done,
        w2_adverse_deadlocks=deadlocks,
        w2_adverse_failed=sample.failed + sample.refused,
        w2_adverse_per_s=round(sample.per_second, 1),
        w2_adverse_p95_ms=round(sample.percentile(95), 1),
    )


def _hot(bench: Bench, channel: str, number: int) -> Sample:
    flow = bodies.placing(bench.doors[channel], bodies.hot(number))
    return bench.drive(flow, Load(CLIENTS, limit=CALLS))


def _floor(bench: Bench) -> Sample:
    with bench.house.connect("floor") as connection:
        connection.execute(REFILL)
    return load.drive(bench.floor, floor.hot_order, Load(CLIENTS, limit=CALLS))


def _reserved(bench: Bench, number: int) -> tuple[int, int]:
    with bench.house.connect() as connection:
        row = connection.execute(RESERVED, [bodies.sku(bodies.SKUS + number)]).fetchone()
    return (int(row[0]), int(row[1])) if row else (-1, -1)


def _deadlocks(bench: Bench) -> int:
    with bench.house.connect() as connection:
        row = connection.execute(DEADLOCKS).fetchone()
    return int(row[0]) if row else 0
