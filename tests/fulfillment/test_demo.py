"""The demo company: believable, complete, the same every time, all or nothing."""

import io
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone
from PIL import Image

from config.kernel import callers, clock
from config.kernel.models import Channel, LegalEntity, User
from customers import addresses, phones, vat
from customers.models import Customer
from fulfillment.demo import filling, mishaps, people, pictures, ranges
from inventory import barcodes
from inventory.models import (
    Barcode,
    BinStock,
    LowStockAlert,
    Product,
    StockDifference,
    StockLevel,
    Transfer,
)
from inventory.services import stock_checks
from orders import headlines
from orders.models import (
    Credit,
    FailedOrder,
    Hold,
    ImportRun,
    Order,
    OrderLine,
    Payment,
    ProductMapping,
)
from orders.queries import console
from orders.states import FailureStatus, HoldKind
from tests.factories.kernel import ChannelFactory


@pytest.fixture
def home(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    settings.KAPELL_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    yield tmp_path
    callers.forget()


def few(model: type[Model], field: str) -> set[object]:
    """The members of a table of states of which there are fewer than three."""
    counted = Counter[object](model._default_manager.values_list(field, flat=True))
    choices: Any = model._meta.get_field(field)
    return {member for member, _ in choices.flatchoices if counted[member] < 3}


@pytest.mark.slow
@pytest.mark.django_db
def test_a_month_of_business_fills_every_screen(home: Path) -> None:
    out = io.StringIO()
    call_command("demo", stdout=out)

    _the_key_works(home / "demo_channel_key")
    _every_state_is_there()
    _every_screen_has_something()
    _every_unshipped_order_says_why()
    assert not [user for user in User.objects.all() if user.has_usable_password()]
    assert stock_checks.run(at=clock.now()) == []
    with pytest.raises(CommandError, match="empty systems only"):
        call_command("demo", stdout=out)


def _the_key_works(place: Path) -> None:
    caller = callers.identify(place.read_text().strip(), at=clock.now())
    assert caller is not None
    assert caller.channel.code == "WEB"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def _every_state_is_there() -> None:
    tables: list[tuple[type[Model], str]] = [
        (Hold, "kind"),
        (Hold, "status"),
        (Payment, "status"),
        (ImportRun, "status"),
        (Transfer, "status"),
        (StockDifference, "status"),
        (Order, "status"),
        (Order, "origin"),
        (Order, "priority"),
    ]
    assert set(FailedOrder.objects.values_list("status", flat=True)) == set(FailureStatus.values)
    assert {(model.__name__, field): few(model, field) for model, field in tables} == {
        (model.__name__, field): set() for model, field in tables
    }
    # What nothing can reach yet: refunds, and what happens in a warehouse.
    assert few(Order, "payment_status") <= {"partially_refunded", "refunded"}
    assert few(Order, "fulfillment_status") <= {"in_progress", "delivered"}


def _every_unshipped_order_says_why() -> None:
    """One state, one sentence, one actor for each order that has something to send (D7)."""
    now, orders, number = clock.now(), Order.objects.order_by("id"), 1
    unshipped = 0
    while True:
        page = console.page(orders=orders, number=number, now=now, today=timezone.localdate(now))
        for row in page.rows:
            told = row.headline
            texts = [headlines.state(told), headlines.sentence(told), headlines.next_actor(told)]
            assert all(texts) if told.is_unshipped else texts[1:] == ["", ""], (row.number, texts)
            unshipped += told.is_unshipped
        number += 1
        if not page.has_next:
            break
    assert unshipped >= Order.objects.filter(status="open").count() > 100


def _every_screen_has_something() -> None:
    assert 450 <= Order.objects.count() <= 600
    assert Order.objects.filter(is_held=True).count() >= 3 * len(HoldKind)
    assert Order.objects.filter(is_short=True).count() >= 3
    assert Order.objects.filter(is_test=True).count() >= 3
    assert Hold.objects.filter(status="open", remind_on__lte=timezone.localdate()).count() >= 2
    assert Credit.objects.count() >= 3
    assert ProductMapping.objects.count() == 3
    assert OrderLine.objects.filter(set_quantity__gt=0).count() >= 6
    unmapped = OrderLine.objects.filter(sku__endswith="-6PK", product=None, set_quantity=None)
    assert unmapped.count() == mishaps.WAITING
    assert FailedOrder.objects.filter(status="open").count() >= 3
    assert Customer.objects.filter(is_blocked=True).count() == 3
    assert LowStockAlert.objects.filter(closed_at=None).count() >= 3
    assert BinStock.objects.filter(condition="damaged", quantity__gt=0).count() >= 3
    assert BinStock.objects.filter(bin__kind="quarantine", quantity__gt=0).count() >= 3
    assert StockLevel.objects.values("warehouse").distinct().count() == 3
    pictured = Product.objects.exclude(picture="")
    assert pictured.count() == len(default_storage.listdir("products")[1]) >= 290
    codes = Barcode.objects.values_list("code", flat=True)
    assert len(codes) > 500
    assert [code for code in codes if not barcodes.is_gtin(code)] == []


@pytest.mark.django_db
def test_it_fills_empty_systems_only(home: Path) -> None:
    ChannelFactory.create()
    with pytest.raises(CommandError, match="empty systems only"):
        call_command("demo")
    assert Channel.objects.count() == 1
    assert not (home / "demo_channel_key").exists()


@pytest.mark.django_db(transaction=True)
def test_stopped_half_way_it_leaves_nothing(home: Path) -> None:
    def stop(_step: str, fraction: float) -> None:
        if fraction > 0.02:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filling.fill(at=clock.now(), progress=stop)
    assert not Channel.objects.exists()
    assert not LegalEntity.objects.exists()
    assert not Product.objects.exists()
    assert home.exists()


class TestPeople:
    def test_addresses_and_phones_pass_the_checks_of_their_country(self) -> None:
        dice = Random(1)
        buyers = [*people.shoppers(dice, 200, "W"), *people.companies(), people.guest(dice)]
        assert {buyer.country for buyer in buyers} == set(people.SHARES)
        for buyer in buyers:
            assert addresses.check(buyer.address).problems == ()
            if buyer.customer:
                assert phones.e164(buyer.customer["phone"], buyer.country)

    def test_vat_numbers_are_well_formed_and_different(self) -> None:
        numbers = [(one.customer or {})["vat_number"] for one in people.companies()]
        assert all(vat.check(number, "")[1] for number in numbers)
        assert len(set(numbers)) == len(numbers)

    def test_they_are_the_same_every_time(self) -> None:
        assert people.shoppers(Random(3), 20, "W") == people.shoppers(Random(3), 20, "W")


class TestPictures:
    @pytest.mark.parametrize("shape", sorted(pictures.SHAPES))
    def test_each_shape_is_a_small_png_and_the_same_every_time(self, shape: str) -> None:
        drawn = pictures.draw(shape, "#34447c")
        assert drawn == pictures.draw(shape, "#34447c")
        assert len(drawn) < 8000
        with Image.open(io.BytesIO(drawn)) as image:
            assert (image.format, image.size) == ("PNG", (240, 240))

    def test_every_range_has_its_shape_and_its_colours(self) -> None:
        assert {one.shape for one in ranges.RANGES} == set(pictures.SHAPES)
        assert {name for one in ranges.RANGES for name in one.variants} <= set(ranges.COLOURS)
        assert {one.supplier for one in ranges.RANGES} == set(ranges.SUPPLIERS)
        assert len({one.code for one in ranges.RANGES}) == len(ranges.RANGES)
