"""Three warehouses with their bins: aisles a picker walks in a snake, bulk, quarantine, totes."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from inventory.models import Bin, Holiday, Warehouse
from inventory.services import warehouses

Kind = Bin.Kind

# Code, name, town, postcode, aisles, bays an aisle, cut-off, working days, asked in this order.
PLACES = (
    ("MAIN", "Bristol", "Avonmouth Way", "BS11 8AA", 8, 12, time(17), [0, 1, 2, 3, 4], 10),
    ("NORTH", "Leeds", "Cross Green Lane", "LS9 0BW", 5, 10, time(16), [0, 1, 2, 3, 4, 5], 20),
    ("SOUTH", "Southampton", "Dock Gate Road", "SO15 1AA", 4, 8, time(15, 30), [0, 1, 2, 3, 4], 30),
)
HOLIDAYS = ((1, 1, "New Year's Day"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day"))
AISLE_METRES, BAY_METRES = 3.2, 1.4


@dataclass(slots=True)
class Place:
    """A warehouse and its bins by what they are for."""

    warehouse: Warehouse
    bins: dict[str, list[Bin]] = field(default_factory=dict)


def build(now: datetime) -> dict[str, Place]:
    """Make the warehouses with bins and holidays; return them by code."""
    places = {}
    for row in PLACES:
        code, town, street, postcode, aisles, bays, cut_off, working_days, priority = row
        warehouse = warehouses.create(
            code=code,
            name=f"{town} warehouse",
            address={"line1": street, "city": town, "postal_code": postcode, "country": "GB"},
            cut_off=cut_off,
            working_days=working_days,
            priority=priority,
        )
        places[code] = Place(warehouse, _shelve(warehouse, aisles, bays))
    Holiday.objects.bulk_create(
        Holiday(warehouse=place.warehouse, date=date(year, month, day), name=name)
        for place in places.values()
        for year in (now.year, now.year + 1)
        for month, day, name in HOLIDAYS
    )
    return places


def _shelve(warehouse: Warehouse, aisles: int, bays: int) -> dict[str, list[Bin]]:
    bins = [
        _pick_bin(warehouse, aisle, bay, bays) for aisle in range(aisles) for bay in range(bays)
    ]
    end = len(bins)
    bins += [
        Bin(
            warehouse=warehouse,
            code=f"{prefix}-{number:02}",
            kind=kind,
            sequence=10 * (end + number),
            x=round(AISLE_METRES * aisles + 2, 2),
            y=round(BAY_METRES * number, 2),
        )
        for prefix, kind, many in (
            ("BULK", Kind.BULK, 2 * aisles),
            ("QUAR", Kind.QUARANTINE, 2),
            ("TOTE", Kind.TOTE, 6),
        )
        for number in range(1, many + 1)
    ]
    Bin.objects.bulk_create(bins)
    by_kind: dict[str, list[Bin]] = {}
    for one in bins:
        by_kind.setdefault(one.kind, []).append(one)
    return by_kind


def _pick_bin(warehouse: Warehouse, aisle: int, bay: int, bays: int) -> Bin:
    """Every other aisle is walked back, so the sequence follows the feet."""
    along = bay if aisle % 2 == 0 else bays - 1 - bay
    return Bin(
        warehouse=warehouse,
        code=f"{chr(ord('A') + aisle)}-{bay + 1:02}",
        kind=Kind.PICK,
        sequence=10 * (aisle * bays + along + 1),
        x=round(AISLE_METRES * aisle, 2),
        y=round(BAY_METRES * bay, 2),
    )
