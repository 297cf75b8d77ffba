"""When a warehouse can still send something today, and when it next can."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A warehouse that is closed for longer than this is not late, it is gone.
_LOOK_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A warehouse's week: Monday is 0; orders in by the cut-off, local time, leave that day."""

    time_zone: str
    cut_off: time
    working_days: frozenset[int]
    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day.weekday() in self.working_days and day not in self.holidays

    def cut_off_on(self, day: date) -> datetime:
        """The cut-off as a moment in UTC; where clocks go back and it comes twice, the first."""
        local = datetime.combine(day, self.cut_off, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC)


def ship_by(at: datetime, calendar: Calendar, not_before: date | None = None) -> datetime:
    """The cut-off, in UTC, of the first working day on which an order of `at` can still leave.

    An order that comes at the very cut-off still leaves that day. `not_before` is a day in the
    warehouse's own time zone. Raises ValueError for a naive `at`, and when no working day follows
    within 400 days.
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    today = at.astimezone(ZoneInfo(calendar.time_zone)).date()
    first = max(today, not_before) if not_before else today
    for day in _working_days(calendar, first):
        moment = calendar.cut_off_on(day)
        if moment >= at:
            return moment
    raise ValueError(f"no working day within {_LOOK_AHEAD.days} days of {first}")


def _working_days(calendar: Calendar, first: date) -> Iterator[date]:
    last = first + _LOOK_AHEAD
    while first <= last and calendar.working_days:
        if calendar.is_working(first):
            yield first
        first += timedelta(days=1)
