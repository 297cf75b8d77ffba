"""What the tests of inventory share: the actor, the moment, and a look at all books at once."""

from datetime import UTC, datetime

from django.db.models import Sum

from config.kernel import ids
from config.kernel.actors import Actor
from inventory.booking import BinChange, Entry
from inventory.models import BinStock, Reservation, StockLevel, StockMovement
from inventory.services import ledger

ACTOR = Actor("staff", "7", "Sam")
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def entry(level, kind="receipt", **changes):
    command_id = changes.pop("command_id", None) or ids.new()
    return Entry(level.pk, kind, command_id, **changes)


def post(*entries):
    return ledger.post(entries=entries, actor=ACTOR, at=AT)


def fill(level, on_hand, *, reserved=0):
    """Put goods on an empty level, some of them promised to nobody in particular."""
    post(entry(level, on_hand=on_hand))
    if reserved:
        post(entry(level, "reserve", reserved=reserved))


def figures(level):
    """On hand, unavailable, reserved, version."""
    fresh = StockLevel.objects.get(pk=level.pk)
    return fresh.on_hand, fresh.unavailable, fresh.reserved, fresh.version


def bins(level):
    """What lies where: {(bin, condition): quantity}, zeros left out."""
    rows = BinStock.objects.filter(
        product=level.product_id, bin__warehouse=level.warehouse_id, quantity__gt=0
    )
    return {(row.bin.code, row.condition): row.quantity for row in rows.select_related("bin")}


def assert_agree():
    """Hold every level's counters against its ledger and its bins (TARGET rows 4 to 6)."""
    for level in StockLevel.objects.all():
        movements = StockMovement.objects.filter(level=level)
        sums = movements.aggregate(Sum("d_on_hand"), Sum("d_unavailable"), Sum("d_reserved"))
        assert [total or 0 for total in sums.values()] == list(figures(level)[:3])
        versions = list(movements.order_by("version").values_list("version", flat=True))
        assert versions == list(range(1, level.version + 1))
        contents = BinStock.objects.filter(
            product=level.product_id, bin__warehouse=level.warehouse_id
        ).select_related("bin")
        assert sum(content.quantity for content in contents) == level.on_hand
        unsellable = [
            content.quantity
            for content in contents
            if content.condition == "damaged" or not content.bin.is_sellable
        ]
        assert sum(unsellable) == level.unavailable
        assert 0 <= level.reserved + level.unavailable <= level.on_hand


def assert_promises_agree():
    """Hold each level's reserved counter against its promises."""
    for level in StockLevel.objects.all():
        promised = Reservation.objects.filter(level=level).aggregate(total=Sum("quantity"))
        assert (promised["total"] or 0) == level.reserved


def change(bin_id, quantity, **words):
    return BinChange(bin_id, quantity, **words)
