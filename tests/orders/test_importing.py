"""What an import does to orders, credits and stock in each of its three modes."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from config.kernel.models import Event
from customers.models import Address, Customer
from inventory.models import Product, Reservation, StockMovement
from inventory.services import reservations
from orders.models import Credit, CreditLine, ImportRow, Order
from orders.services import mappings, progress
from orders.services.mappings import Part
from orders.states import HoldKind, ImportStatus
from tests.factories.imports import HEADER, MAPPING, ROWS, Importer, order_of, stock_of
from tests.factories.orders import AT, STAFF, buckets


@pytest.fixture
def importer(shop, tmp_path):
    return Importer(shop, tmp_path)


@pytest.fixture
def shelves(shop):
    """Ten mugs, seven teas."""
    shop.put("MUG", 10)
    shop.put("TEA", 7)


@pytest.mark.usefixtures("shelves")
def test_ship_replays_what_happened_in_the_order_of_its_moments(importer):
    run = importer.bring(importer.write())
    assert run.status == ImportStatus.DONE
    assert run.figures == {
        "rows": 10, "orders": 3, "order_lines": 5, "credits": 1, "credit_lines": 2,
        "corrections": 2, "known": 0, "refused": 1, "gross": {"GBP": "28.10"},
        "credited": {"GBP": "-7.45"}, "short": {},
    }  # fmt: skip
    assert stock_of("MUG") == (10 - 5 + 1 - 2, 0)
    assert stock_of("TEA") == (7 - 5 + 2 - 4, 0)
    moves = StockMovement.objects.exclude(kind="receipt").order_by("at", "id")
    assert [(one.kind, one.d_on_hand, one.document, one.reason) for one in moves] == [
        ("ship", -5, order_of("1").number, ""),
        ("ship", -5, order_of("2").number, ""),
        ("return", 1, "C9", ""),
        ("adjustment", 2, "7", "found"),
        ("adjustment", -2, "8", "damaged"),
        ("ship", -4, order_of("3").number, ""),
    ]
    assert moves[0].at == order_of("1").placed_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.usefixtures("shelves")
def test_an_order_keeps_its_lines_money_customer_and_time(importer):
    importer.bring(importer.write())
    order = order_of("1")
    assert (order.status, order.fulfillment_status, order.origin) == (
        "completed",
        "shipped",
        "history",
    )
    assert (order.total_amount, order.tax_amount) == (Decimal("17.25"), Decimal("2.88"))
    assert (order.ship_country, order.shipping_address["country"]) == ("GB", "GB")
    assert order.number.startswith("SO-")
    assert order.released_at == order.placed_at
    lines = order.lines.order_by("position")
    assert [(one.sku, one.shipped, one.is_stocked) for one in lines] == [
        ("MUG", 3, True),
        ("POST", 1, False),
        ("MUG", 2, True),
    ]
    reference = order.customer.references.get()
    assert (reference.kind, reference.value) == ("reference", "17850")
    assert order_of("3").customer is None
    postage = Product.objects.get(sku="POST")
    assert (postage.is_stocked, postage.name) == (False, "Postage")


@pytest.mark.usefixtures("shelves")
def test_a_credit_gives_goods_and_charges_back(importer):
    importer.bring(importer.write())
    credit = Credit.objects.get()
    assert (credit.reference, credit.currency, credit.total_amount) == (
        "C9",
        "GBP",
        Decimal("7.45"),
    )
    assert credit.customer == order_of("1").customer
    lines = credit.lines.order_by("position")
    assert [(one.sku, one.quantity, one.restocked, one.amount) for one in lines] == [
        ("MUG", 1, 1, Decimal("2.50")),
        ("POST", 1, 0, Decimal("4.95")),
    ]


@pytest.mark.usefixtures("shelves")
def test_nobody_is_told_of_imported_orders(importer):
    importer.bring(importer.write())
    placed = Event.objects.filter(aggregate="order")
    assert [one.type for one in placed] == ["order.placed"] * 3
    assert all(one.silent for one in placed)
    assert not Event.objects.filter(type="stock.gained", aggregate="level").exclude(
        occurred_at=AT, actor_label="Ann"
    )
    assert mail.outbox == []


def test_units_that_are_not_there_are_backordered_and_nobody_queues_behind(importer, shop):
    shop.put("MUG", 10)
    shop.put("TEA", 6)
    run = importer.bring(importer.write())
    assert run.figures["short"] == {"TEA": 1}
    assert buckets(order_of("2")) == [{"shipped": 5}]
    assert buckets(order_of("3")) == [{"backordered": 1, "shipped": 3}]
    order = order_of("3")
    assert (order.status, order.fulfillment_status) == ("open", "partially_shipped")
    assert (order.is_short, order.is_held) == (True, False)
    assert stock_of("TEA") == (0, 0)


def test_later_lines_leave_although_earlier_ones_were_short(importer, shop):
    shop.put("TEA", 1)
    late = ["9", "2026-03-09 09:00:00", "TEA", "Tea", "2", "1", "", ""]
    importer.bring(importer.write([ROWS[4], ROWS[7], late]))
    assert buckets(order_of("2")) == [{"backordered": 4, "shipped": 1}]
    assert buckets(order_of("9")) == [{"shipped": 2}]


def test_a_correction_never_takes_more_than_is_there(importer, shop):
    shop.put("MUG", 1)
    run = importer.bring(importer.write([ROWS[8]]))
    assert run.figures["short"] == {"MUG": 1}
    assert stock_of("MUG") == (0, 0)


def test_a_correction_of_a_set_tells_which_part_was_not_there(importer, shop):
    tea = shop.put("TEA", 3).product_id
    mappings.add(channel_id=shop.channel.pk, sku="MUG", parts=[Part(tea, 2)])
    run = importer.bring(importer.write([ROWS[8]]))
    assert run.figures["short"] == {"TEA": 1}
    assert stock_of("TEA") == (0, 0)


def test_reserved_and_damaged_stock_does_not_leave(importer, shop):
    level = shop.put("TEA", 7)
    promise = reservations.Promise(level.product_id, level.pk, 4)
    reservations.reserve(
        promises=[promise], command_id=level.pk, subject_id=None, document="", actor=STAFF, at=AT
    )
    importer.bring(importer.write([ROWS[4]]))
    assert buckets(order_of("2")) == [{"backordered": 2, "shipped": 3}]
    assert stock_of("TEA") == (4, 4)


@pytest.mark.usefixtures("shelves")
def test_skip_leaves_stock_alone(importer):
    before = StockMovement.objects.count()
    run = importer.bring(importer.write(), stock="skip")
    assert (run.figures["orders"], run.figures["credits"]) == (3, 1)
    assert run.figures["corrections"] == 0
    assert StockMovement.objects.count() == before
    assert (stock_of("MUG"), stock_of("TEA")) == ((10, 0), (7, 0))
    assert buckets(order_of("2")) == [{"pending": 5}]
    assert (order_of("2").origin, order_of("2").status) == ("history", "open")
    assert not CreditLine.objects.filter(restocked__gt=0)


@pytest.mark.usefixtures("shelves")
def test_reserve_promises_what_is_there_oldest_first(importer):
    text = MAPPING.replace("[values]", 'line1 = "Street"\n[values]')
    header = [*HEADER, "Street"]
    rows = [[*row, "1 High Street"] for row in ROWS]
    run = importer.bring(importer.write(rows, header=header), stock="reserve", text=text)
    assert run.figures["short"] == {"TEA": 2}
    assert buckets(order_of("1")) == [{"reserved": 3}, {"pending": 1}, {"reserved": 2}]
    assert buckets(order_of("2")) == [{"reserved": 5}]
    assert buckets(order_of("3")) == [{"backordered": 2, "reserved": 2}]
    assert (stock_of("MUG"), stock_of("TEA")) == ((10, 5), (7, 7))
    assert sum(Reservation.objects.values_list("quantity", flat=True)) == 12
    order = order_of("1")
    assert (order.origin, order.status) == ("import", "open")
    assert order.ship_by is not None
    entry = StockMovement.objects.get(kind="reserve", document=order.number)
    assert (entry.d_reserved, entry.subject_id) == (5, order.pk)
    assert Address.objects.count() == 2


@pytest.mark.usefixtures("shelves")
def test_reserve_holds_orders_that_lack_an_address_and_blocked_customers(importer):
    importer.bring(importer.write([ROWS[0]]), stock="reserve")
    customer = order_of("1").customer
    Customer.objects.filter(pk=customer.pk).update(is_blocked=True, blocked_reason="unpaid")
    later = ["4", "2026-03-06 09:00:00", "MUG", "Mug", "2", "2.50", "17850", "United Kingdom"]
    importer.bring(importer.write([later], name="later.csv"), stock="reserve")
    order = order_of("4")
    assert set(order.holds.values_list("kind", flat=True)) == {
        HoldKind.ADDRESS,
        HoldKind.BLOCKED_CUSTOMER,
    }
    assert (order.is_held, order.released_at) == (True, None)
    assert buckets(order) == [{"pending": 2}]
    assert buckets(order_of("1")) == [{"reserved": 3}]


def test_reserve_queues_behind_orders_that_wait(importer, shop):
    shop.put("TEA", 5)
    shop.place({"sku": "TEA", "quantity": 9, "unit_price": "1.00", "tax_rate": "20.00"})
    assert stock_of("TEA") == (5, 5)
    shop.put("TEA", 3)
    importer.bring(importer.write([ROWS[4]]), stock="reserve")
    assert buckets(order_of("2")) == [{"backordered": 5}]


def test_an_unknown_sku_is_kept_on_hold(importer):
    importer.bring(importer.write([ROWS[3]]))
    order = order_of("3")
    line = order.lines.get()
    assert (line.product, line.sku, line.pending) == (None, "TEA", 4)
    assert order.holds.get().kind == HoldKind.UNKNOWN_PRODUCT
    assert order.is_held
    assert not Product.objects.filter(sku="TEA").exists()


def test_unknown_skus_become_products_where_the_mapping_says_so(importer):
    text = MAPPING.replace("[skus]", "[skus]\ncreate_products = true")
    run = importer.bring(importer.write(), text=text)
    assert Product.objects.get(sku="MUG").name == "Mug"
    assert run.figures["short"] == {"MUG": 6, "TEA": 7}
    assert stock_of("MUG") == (0, 0)


def test_a_correction_of_an_unknown_sku_is_refused_and_the_rest_booked(importer, shop):
    shop.put("MUG", 10)
    run = importer.bring(importer.write([ROWS[7], ROWS[8]]))
    assert (run.figures["corrections"], run.figures["refused"]) == (1, 1)
    refused = ImportRow.objects.get(run=run)
    assert (refused.row_number, refused.error) == (2, "not_stocked")


@pytest.mark.usefixtures("shelves")
def test_payments_are_recorded_where_the_mapping_says_so(importer):
    importer.bring(importer.write(), text=MAPPING + '[payment]\nmethod = "account"\n')
    order = order_of("1")
    assert (order.payment_status, order.paid_amount) == ("paid", Decimal("17.25"))
    assert order.payments.get().method == "account"


@pytest.mark.usefixtures("shelves")
def test_prices_without_tax_discounts_and_shipping(importer):
    text = MAPPING.replace(
        "[values]", 'discount_amount = "Off"\nshipping_amount = "Freight"\n[values]'
    )
    text = text.replace("[values]", "[values]\nprices_include_tax = false")
    rows = [[*ROWS[0], "0.50", "10.00"], [*ROWS[2], "", "10.00"]]
    importer.bring(importer.write(rows, header=[*HEADER, "Off", "Freight"]), text=text)
    order = order_of("1")
    assert (order.subtotal_amount, order.shipping_amount) == (Decimal("11.80"), Decimal("10.00"))
    assert (order.tax_amount, order.total_amount) == (Decimal("4.36"), Decimal("26.16"))


FIGURES = ("status", "payment_status", "fulfillment_status", "is_held", "is_short", "released_at")


@pytest.mark.parametrize("stock", ["skip", "reserve", "ship"])
def test_all_books_agree_and_what_is_derived_stays_so(importer, shop, stock):
    shop.put("MUG", 4)
    shop.put("TEA", 6)
    importer.bring(importer.write(), stock=stock)
    said = StringIO()
    call_command("reconcile", stdout=said)
    assert said.getvalue() == "no differences\n"
    before = list(Order.objects.order_by("pk").values_list(*FIGURES, "version"))
    progress.refresh(order_ids=list(Order.objects.values_list("pk", flat=True)), at=AT)
    assert list(Order.objects.order_by("pk").values_list(*FIGURES, "version")) == before
    for order in Order.objects.all():
        versions = Event.objects.filter(aggregate_id=order.pk).order_by("aggregate_version")
        assert list(versions.values_list("aggregate_version", flat=True)) == list(
            range(1, order.version + 1)
        )
