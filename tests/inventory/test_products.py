"""Products, their barcodes, and the warehouses they lie in."""

from datetime import date, time
from decimal import Decimal

import pytest

from config.kernel import errors, ids
from config.kernel.models import Event
from inventory.calendars import Calendar
from inventory.models import Bin, Holiday, Price, Product, Warehouse
from inventory.queries import barcodes, calendars, levels
from inventory.services import products, warehouses
from inventory.services.products import Code, ListPrice, Named
from tests.factories.inventory import ProductFactory, StockLevelFactory, WarehouseFactory
from tests.factories.kernel import UserFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_calendars():
    calendars.forget()
    yield
    calendars.forget()


def create(**details):
    return products.create(
        **{"sku": "85123A", "name": "Heart", "actor": books.ACTOR, "at": books.AT, **details}
    )


def test_a_product_comes_with_barcodes_and_prices():
    product = create(
        sku=" 85123a ",
        codes=[Code("4006381333931"), Code("14006381333938", 12)],
        prices=[ListPrice("GBP", Decimal("2.55"), Decimal("1.00"))],
        weight_grams=120,
    )
    assert (product.sku, product.sku_key, product.weight_grams) == ("85123a", "85123a", 120)
    price = Price.objects.get()
    assert (price.list_price, price.floor_price) == (Decimal("2.55"), Decimal("1.00"))
    event = Event.objects.get(type="product.changed")
    assert (event.aggregate_id, event.payload) == (product.pk, {"sku": "85123a"})


def test_the_case_answers_product_and_twelve():
    product = create(codes=[Code("4006381333931"), Code("14006381333938", 12)])
    case = barcodes.look_up(" 1400638133393 8")
    assert (case.product, case.unit_quantity) == (product, 12)
    assert barcodes.look_up("04006381333931").unit_quantity == 1
    assert barcodes.look_up("4006381333932") is None


def test_all_faults_of_a_product_are_named_at_once():
    create(codes=[Code("4006381333931")])
    codes = [Code("4006381333932"), Code("04006381333931"), Code("X1"), Code("x1")]
    with pytest.raises(errors.Invalid) as refusal:
        create(sku="85123A ", codes=codes)
    assert [(fault.path, fault.code) for fault in refusal.value.faults] == [
        ("$.sku", "taken"),
        ("$.barcodes[0]", "check_digit"),
        ("$.barcodes[1]", "taken"),
        ("$.barcodes[3]", "taken"),
    ]
    assert Product.objects.count() == 1


@pytest.mark.parametrize("sku", ["", "  ", "A" * 65, "A\x00B", "A\u202eB"])
def test_a_sku_that_nobody_can_read_is_refused(sku):
    with pytest.raises(errors.Invalid):
        create(sku=sku)
    with pytest.raises(errors.Invalid):
        products.ensure(named=[Named(sku)], actor=books.ACTOR, at=books.AT)
    assert not Product.objects.exists()


def test_ensure_creates_what_is_missing_and_leaves_the_rest():
    there = ProductFactory(sku="10002", name="Inflatable globe")
    named = [Named("10002", "Other"), Named("85123a", "Heart"), Named("85123A"), Named("Straße")]
    found = products.ensure(named=named, actor=books.ACTOR, at=books.AT)
    assert set(found) == {"10002", "85123a", "strasse"}
    assert found["10002"] == there.pk
    there.refresh_from_db()
    assert there.name == "Inflatable globe"
    assert Event.objects.filter(type="product.changed").count() == 2
    again = products.ensure(named=named, actor=books.ACTOR, at=books.AT)
    assert again == found
    assert Event.objects.count() == 2


def test_ensuring_takes_the_same_statements_however_many(django_assert_max_num_queries):
    named = [Named(f"SKU{number}") for number in range(300)]
    with django_assert_max_num_queries(6):
        products.ensure(named=named, actor=books.ACTOR, at=books.AT)
    assert Product.objects.count() == 300


def test_a_warehouse_has_its_three_bins_from_the_start():
    warehouse = warehouses.create(code="MAIN", name="Main", priority=10)
    kinds = {"RECEIVING": "bulk", "STOCK": "pick", "STAGING": "staging"}
    assert dict(warehouse.bins.values_list("code", "kind")) == kinds
    assert warehouses.ensure(code="MAIN") == warehouse
    warehouses.add_default_bins(warehouse_id=warehouse.pk)
    assert Bin.objects.count() == 3
    assert warehouses.ensure(code="SOUTH").name == "SOUTH"


def test_staff_are_limited_to_warehouses():
    main, north, user = WarehouseFactory(), WarehouseFactory(), UserFactory()
    seen = Warehouse.objects.order_by("code")
    assert set(seen.visible_to(user)) == {main, north}
    warehouses.limit_staff(user=user, warehouses=[north])
    assert list(seen.visible_to(user)) == [north]
    warehouses.limit_staff(user=user, warehouses=[main, north])
    warehouses.limit_staff(user=user, warehouses=[main])
    assert list(seen.visible_to(user)) == [main]
    warehouses.limit_staff(user=user, warehouses=[])
    assert set(seen.visible_to(user)) == {main, north}


def test_calendars_are_remembered(django_assert_num_queries):
    warehouse = WarehouseFactory(time_zone="Europe/Berlin", cut_off=time(15), working_days=[0, 5])
    Holiday.objects.create(warehouse=warehouse, date=date(2026, 12, 25))
    expected = Calendar(
        "Europe/Berlin", time(15), frozenset({0, 5}), frozenset({date(2026, 12, 25)})
    )
    assert calendars.of(warehouse.pk) == expected
    with django_assert_num_queries(0):
        assert calendars.of(warehouse.pk) == expected
        assert set(calendars.all()) == {warehouse.pk}


def test_a_young_warehouse_is_not_waited_for():
    calendars.all()
    warehouse = WarehouseFactory()
    assert calendars.of(warehouse.pk).time_zone == "Europe/London"
    with pytest.raises(KeyError):
        calendars.of(ids.new())


def test_stock_is_told_in_the_order_warehouses_are_asked(django_assert_num_queries):
    last = StockLevelFactory(warehouse__priority=200)
    first = StockLevelFactory(product=last.product, warehouse__priority=1)
    StockLevelFactory(product=last.product, warehouse__is_active=False)
    books.fill(last, 5, reserved=2)
    with django_assert_num_queries(1):
        found = levels.of_products([last.product_id])[last.product_id]
    assert [(one.warehouse_code, one.available) for one in found] == [
        (first.warehouse.code, 0),
        (last.warehouse.code, 3),
    ]
