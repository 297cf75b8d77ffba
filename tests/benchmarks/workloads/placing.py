"""W1: place orders, the whole request with key, validation, idempotency, stock and events."""

from tests.benchmarks.bench import Bench
from tests.benchmarks.floor import bodies as floor
from tests.benchmarks.kapell import bodies
from tests.benchmarks.load import Load, Sample

SHAPE = """
SELECT count(DISTINCT o.id), count(l.id), count(DISTINCT i.order_id), count(DISTINCT e.aggregate_id)
FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id
LEFT JOIN orders_intake i ON i.order_id = o.id
LEFT JOIN kernel_event e ON e.aggregate_id = o.id AND e.type = 'order.placed'
WHERE o.reference LIKE 'B-%'
"""


def run(bench: Bench) -> None:
    """Orders of 3 lines beside the floor, their statements, then orders of 50 and 500 lines."""
    flow = bodies.placing(bench.doors["bench"], bodies.of_lines(3))
    bench.drive(flow, Load(8, seconds=bench.scale.seconds))  # what is loaded at first use is loaded
    pairs = bench.compare("W1 3 lines", floor=floor.order, ours=flow)
    bench.figures.note(
        w1_8_ratio=round(pairs.rate, 3),
        w1_8_ratio_worst=round(min(pairs.rate_ratios), 3),
        w1_cpu_ratio=round(pairs.cpu, 2),
        w1_8_per_s=round(pairs.median(lambda sample: sample.per_second), 1),
        w1_8_p50_ms=round(pairs.median(lambda sample: sample.percentile(50)), 1),
        w1_8_p95_ms=round(pairs.median(lambda sample: sample.percentile(95)), 1),
        w1_app_cpu_ms=round(pairs.median(lambda sample: sample.cpu_ms_of("app")), 2),
        w1_database_cpu_ms=round(pairs.median(lambda sample: sample.cpu_ms_of("database")), 2),
        w1_failed=sum(sample.failed + sample.refused for sample in pairs.ours),
        floor_f2_per_s=round(pairs.floor_median(lambda sample: sample.per_second), 1),
        floor_f2_cpu_ms=round(pairs.floor_median(lambda sample: sample.cpu_ms), 2),
    )
    bench.figures.note(w1_round_trips=bench.statements_per_call("W1 3 lines", flow, 400))
    _check_shape(bench)
    for lines in (50, 500):
        _longer(bench, lines)


def _longer(bench: Bench, lines: int) -> None:
    label = f"W1 {lines} lines"
    flow = bodies.placing(bench.doors["bench"], bodies.of_lines(lines))
    sample: Sample = bench.drive(flow, Load(8, seconds=bench.scale.seconds + 1))
    bench.tell_faults(label, sample)
    bench.say(f"{label}: {sample.per_second:.1f}/s, {sample.per_second * lines:,.0f} lines/s")
    bench.figures.note(
        **{
            f"w1_{lines}_lines_per_s": round(sample.per_second, 1),
            f"w1_{lines}_lines_p95_ms": round(sample.percentile(95), 1),
            f"w1_{lines}_lines_cpu_ms": round(sample.cpu_ms, 1),
            f"w1_{lines}_lines_round_trips": bench.statements_per_call(label, flow, 48),
        }
    )


def _check_shape(bench: Bench) -> None:
    """Orders : lines : stored answers : events = 1 : 3 : 1 : 1."""
    with bench.house.connect() as connection:
        found = connection.execute(SHAPE).fetchone()
    orders, lines, intakes, placed = found or (0, 0, 0, 0)
    as_it_must = orders > 0 and (lines, intakes, placed) == (3 * orders, orders, orders)
    bench.say(f"W1: {orders:,} orders, {lines:,} lines, {intakes:,} answers, {placed:,} events")
    bench.figures.note(w1_rows_wrong=0 if as_it_must else 1)
