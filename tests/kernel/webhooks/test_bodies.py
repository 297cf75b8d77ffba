"""A body holds ids, codes and quantities, and stays below 20 kB."""

import json
from datetime import UTC, datetime

from config.kernel import ids, sql
from config.kernel.webhooks import bodies

AT = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=UTC)


def happening(**payload):
    return bodies.Happening(
        ids.derived(1), "order.cancelled", "order", ids.derived(2), 7, AT, ids.derived(3),
        is_silent=False, payload=sql.to_json(payload),
    )  # fmt: skip


def test_it_tells_what_happened_to_what_and_when():
    one = happening(number="SO-1", lines=[{"line": "a", "quantity": 2}])
    assert json.loads(bodies.of(one, "WEB")) == {
        "id": str(one.id),
        "type": "order.cancelled",
        "occurred_at": "2026-11-22T12:30:15.123456Z",
        "channel": "WEB",
        "aggregate": "order",
        "aggregate_id": str(one.aggregate_id),
        "version": 7,
        "data": {"number": "SO-1", "lines": [{"line": "a", "quantity": 2}]},
    }


def test_the_same_event_has_the_same_bytes():
    one = happening(number="SO-1", short=False, holds=["address"])
    assert bodies.of(one, "WEB") == bodies.of(one, "WEB")


def test_what_people_typed_stays_inside():
    assert "died" not in bodies.of(happening(number="SO-1", reason="Ann died"), "WEB")


def test_lists_that_make_it_too_long_are_left_out_by_name():
    lines = [{"line": str(ids.new()), "quantity": 1} for _ in range(1000)]
    body = bodies.of(happening(number="SO-1", lines=lines), "WEB")
    assert json.loads(body)["data"] == {"number": "SO-1", "left_out": ["lines"]}
    assert len(body.encode()) <= bodies.LARGEST
    assert "left_out" not in bodies.of(happening(number="SO-1", lines=lines[:200]), "WEB")
