"""The working time of each warehouse, remembered for half a minute: an order pays no query."""

import time
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from inventory.calendars import Calendar
from inventory.models import Holiday, Warehouse

REMEMBERED_SECONDS = 30

_remembered: tuple[float, dict[UUID, Calendar]] | None = None


def all() -> Mapping[UUID, Calendar]:  # noqa: A001 - calendars.all() says it
    """Return every warehouse's calendar by warehouse id; changes show within half a minute."""
    global _remembered  # noqa: PLW0603 - one copy per process is the point
    known = _remembered
    if known is None or known[0] <= time.monotonic():
        known = time.monotonic() + REMEMBERED_SECONDS, _load()
        _remembered = known
    return known[1]


def of(warehouse_id: UUID) -> Calendar:
    """Return a warehouse's calendar; a warehouse younger than the memory is looked up at once."""
    known = all()
    if warehouse_id not in known:
        forget()
        known = all()
    return known[warehouse_id]


def forget() -> None:
    """Forget what this process remembers."""
    global _remembered  # noqa: PLW0603
    _remembered = None


def _load() -> dict[UUID, Calendar]:
    holidays: dict[UUID, set[date]] = {}
    for warehouse_id, day in Holiday.objects.values_list("warehouse_id", "date"):
        holidays.setdefault(warehouse_id, set()).add(day)
    columns = ("pk", "time_zone", "cut_off", "working_days")
    return {
        key: Calendar(zone, cut_off, frozenset(days), frozenset(holidays.get(key, ())))
        for key, zone, cut_off, days in Warehouse.objects.values_list(*columns)
    }
