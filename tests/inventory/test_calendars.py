"""Warehouse calendars: cut-off, weekends, holidays and clocks that change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import calendars

WEEK = frozenset(range(5))


def calendar(zone="Europe/London", cut_off="17:00", days=WEEK, holidays=()):
    return calendars.Calendar(
        zone, time.fromisoformat(cut_off), frozenset(days), frozenset(holidays)
    )


def local(text, zone="Europe/London"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_a_minute_late_on_friday_before_a_holiday_monday_leaves_on_tuesday():
    spring = calendar(holidays=[date(2026, 5, 25)])
    assert calendars.ship_by(local("2026-05-22T17:01"), spring) == local("2026-05-26T17:00")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-05-20T09:00", "2026-05-20T17:00"),
        ("2026-05-20T17:00", "2026-05-20T17:00"),
        ("2026-05-20T17:00:01", "2026-05-21T17:00"),
        ("2026-05-22T18:00", "2026-05-25T17:00"),
        ("2026-05-23T08:00", "2026-05-25T17:00"),
    ],
)
def test_an_order_leaves_on_the_first_day_it_still_can(at, expected):
    assert calendars.ship_by(local(at), calendar()) == local(expected)


def test_the_answer_is_in_utc():
    moment = calendars.ship_by(local("2026-05-20T09:00"), calendar())
    assert moment.tzinfo is UTC
    assert moment.isoformat() == "2026-05-20T16:00:00+00:00"


def test_today_is_the_warehouses_today():
    at = datetime(2026, 5, 20, 23, 30, tzinfo=UTC)  # Thursday, 08:30 in Tokyo
    moment = calendars.ship_by(at, calendar("Asia/Tokyo"))
    assert moment == local("2026-05-21T17:00", "Asia/Tokyo")


def test_not_before_holds_back_but_never_hurries():
    at = local("2026-05-20T09:00")
    assert calendars.ship_by(at, calendar(), date(2026, 5, 23)) == local("2026-05-25T17:00")
    assert calendars.ship_by(at, calendar(), date(2026, 5, 1)) == local("2026-05-20T17:00")
    late = local("2026-05-20T18:00")
    assert calendars.ship_by(late, calendar(), date(2026, 5, 20)) == local("2026-05-21T17:00")


def test_the_cut_off_stays_where_it_is_when_clocks_change():
    daily = calendar(days=range(7))
    winter = calendars.ship_by(local("2026-03-28T12:00"), daily)
    summer = calendars.ship_by(local("2026-03-29T12:00"), daily)
    assert (winter.hour, summer.hour) == (17, 16)


def test_a_cut_off_that_comes_twice_or_never_is_still_a_moment():
    night = calendar("Europe/Berlin", "02:30", range(7))
    twice = calendars.ship_by(datetime(2026, 10, 24, 23, 0, tzinfo=UTC), night)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 summer time
    never = calendars.ship_by(datetime(2026, 3, 28, 23, 0, tzinfo=UTC), night)
    assert never == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_no_working_day_is_an_error():
    at = local("2026-05-20T09:00")
    with pytest.raises(ValueError, match="no working day"):
        calendars.ship_by(at, calendar(days=()))
    closed = [at.date() + timedelta(days=after) for after in range(401)]
    with pytest.raises(ValueError, match="no working day"):
        calendars.ship_by(at, calendar(days=range(7), holidays=closed))
    reopening = calendars.ship_by(at, calendar(days=range(7), holidays=closed[:400]))
    assert reopening.date() == closed[400]


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        calendars.ship_by(datetime(2026, 5, 20), calendar())  # noqa: DTZ001 that is the point


@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    cut_off=st.times().map(lambda value: value.replace(second=0, microsecond=0, tzinfo=None)),
    days=st.sets(st.integers(0, 6), min_size=1),
    off=st.sets(st.integers(0, 20)),
    wait=st.none() | st.integers(-5, 40),
)
def test_it_is_the_first_cut_off_of_a_working_day(at, zone, cut_off, days, off, wait):
    today = at.astimezone(ZoneInfo(zone)).date()
    week = calendars.Calendar(
        zone, cut_off, frozenset(days), frozenset(today + timedelta(days=day) for day in off)
    )
    not_before = None if wait is None else today + timedelta(days=wait)
    earliest = max(today, not_before or today)
    possible = [
        week.cut_off_on(day)
        for day in (earliest + timedelta(days=after) for after in range(60))
        if day.weekday() in days and day not in week.holidays
    ]
    assert calendars.ship_by(at, week, not_before) == next(one for one in possible if one >= at)
