"""Webhooks: orders at a steady pace, one receiver that answers, one that never does.

Measured is what people wait for: from the moment an order was placed, as its event tells, to the
moment its message arrives at the receiver that is well, at the first try.
"""

import json
import statistics
from datetime import datetime

from config.local import children
from tests.benchmarks.bench import Bench
from tests.benchmarks.kapell import bodies
from tests.benchmarks.load import Load, Sample
from tests.receivers import HANG, Received, Receiver

PER_SECOND, CLIENTS = 50, 8
WAITING = "SELECT count(*) FROM kernel_event WHERE NOT fanned_out"
HEARD = """
SELECT count(*) FROM kernel_webhookdelivery d JOIN kernel_webhookendpoint e ON e.id = d.endpoint_id
WHERE e.name = 'Receiver 1' AND e.status = 'active'
"""


def run(bench: Bench) -> None:
    """Let a worker catch up with what the other workloads left, then place and listen."""
    with Receiver() as well, Receiver() as hanging:
        hanging.answers = [HANG]
        places = f"{well.place},{hanging.place}"
        with bench.house.work(KAPELL_OUTBOUND_ALLOWED=places):
            _catch_up(bench)
            bench.house.run("-m", "tests.benchmarks.kapell.hearing", well.url, hanging.url)
            _warm_up(bench, well)
            _measure(bench, well)
            bench.house.run("-m", "tests.benchmarks.kapell.hearing")


def _catch_up(bench: Bench) -> None:
    if not children.wait_until(lambda: _count(bench, WAITING) == 0, within=120, every=0.5):
        raise RuntimeError("the worker does not catch up, see its log")


def _warm_up(bench: Bench, well: Receiver) -> None:
    """Until the first messages arrive: then every process is there, with its plans made."""
    _place(bench, CLIENTS)
    if not _all_arrived(bench, well, 0):
        raise RuntimeError("no message arrives, see the worker's log")
    well.received.clear()


def _place(bench: Bench, orders: int) -> Sample:
    flow = bodies.placing(bench.doors["bench"], bodies.of_lines(3))
    sample = bench.drive(flow, Load(CLIENTS, limit=orders, per_second=PER_SECOND))
    bench.tell_faults("webhooks", sample)
    return sample


def _all_arrived(bench: Bench, well: Receiver, before: int) -> bool:
    """Wait until nothing is left to fan out and everything since then has arrived."""

    def arrived() -> bool:
        told = _count(bench, HEARD) - before
        return told > 0 and _count(bench, WAITING) == 0 and len(well.received) >= told

    return children.wait_until(arrived, within=90, every=0.2)


def _measure(bench: Bench, well: Receiver) -> None:
    before = _count(bench, HEARD)
    sample = _place(bench, PER_SECOND * bench.scale.telling_seconds)
    _all_arrived(bench, well, before)
    told = _count(bench, HEARD) - before
    delays = [_delay(one) for one in well.received]
    centiles = statistics.quantiles(delays or [0.0, 0.0], n=100)
    bench.figures.note(
        webhook_orders_per_s=round(sample.per_second, 1),
        webhook_failed=sample.failed + sample.refused,
        webhook_messages=len(delays),
        webhook_lost=told - len({one.id for one in well.received}),
        webhook_p50_ms=round(centiles[49]),
        webhook_p95_ms=round(centiles[94]),
        webhook_max_ms=round(max(delays, default=0)),
    )
    bench.say(
        f"webhooks: {len(delays)} messages, p50 {centiles[49]:.0f} ms, p95 {centiles[94]:.0f} ms"
    )


def _delay(request: Received) -> float:
    occurred_at = datetime.fromisoformat(json.loads(request.body)["occurred_at"])
    return 1000 * (request.at - occurred_at.timestamp())


def _count(bench: Bench, statement: str) -> int:
    with bench.house.connect() as connection:
        row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
