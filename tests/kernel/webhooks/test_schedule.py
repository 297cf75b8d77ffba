"""When it is tried again, and what answers mean."""

from datetime import UTC, datetime

import pytest

from config.kernel.webhooks import schedule
from config.kernel.webhooks.schedule import Verdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def middle(low, high):
    return (low + high) / 2


def test_ten_attempts_in_three_days_and_a_bit():
    waits = [schedule.wait(made, middle) for made in range(11)]
    assert waits == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]
    assert sum(waits[:-1]) == 75 * 3600 + 35 * 60 + 5


@pytest.mark.parametrize("pick", [min, max])
def test_jitter_is_fifteen_percent_either_way(pick):
    bounds = schedule.wait(2, pick)
    assert bounds == pytest.approx(300 * (0.85 if pick is min else 1.15))


def test_the_breaker_probes_further_and_further_apart():
    probes = [schedule.probe(failures, middle) for failures in range(4, 13)]
    assert probes == [0, 30, 60, 120, 240, 480, 600, 600, 600]
    assert schedule.probe(5000, middle) == 600


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED), (204, Verdict.DELIVERED), (299, Verdict.DELIVERED),
        (100, Verdict.FAILED), (301, Verdict.FAILED), (304, Verdict.FAILED),
        (400, Verdict.FAILED), (404, Verdict.FAILED), (500, Verdict.FAILED),
        (410, Verdict.GONE),
        (429, Verdict.THROTTLED), (502, Verdict.THROTTLED), (503, Verdict.THROTTLED),
        (504, Verdict.THROTTLED), (None, Verdict.FAILED),
    ],
)  # fmt: skip
def test_only_2xx_is_a_success(status, verdict):
    assert schedule.verdict(status) == verdict


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("", 10), ("0", 0), ("120", 120), (" 7 ", 7), ("86400", 86400), ("86401", 86400),
        ("9" * 400, 86400), ("-5", 10), ("1.5", 10), ("soon", 10), ("²", 10),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60), ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Wed, 22 Nov 2028 12:00:00 GMT", 86400), ("Sun, 22 Nov 2026 12:01:00 -0000", 60),
    ],
)  # fmt: skip
def test_retry_after_is_honoured_up_to_a_day(asked, seconds):
    assert schedule.rest(asked, NOW) == seconds
