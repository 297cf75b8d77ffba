"""Queues: holds by cause, low stock, stock differences, imports."""

import csv
import io
import re

import pytest
from django.utils import timezone

from config.kernel import clock, jobs
from inventory.models import (
    LowStockAlert,
    LowStockSubscription,
    ReorderRule,
    StockDifference,
    StockLevel,
)
from orders.models import Hold, ImportRow, ImportRun
from orders.services import holds
from tests.console import pages
from tests.factories.inventory import SupplierFactory, WarehouseFactory
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import ADDRESS, STAFF, document, line

HOLDS = "/admin/orders/hold/"
LOW = "/admin/inventory/lowstockalert/"
DIFFERENCES = "/admin/inventory/stockdifference/"


def test_holds_are_grouped_with_count_and_oldest(as_role, shop):
    shop.put("MUG", 9)
    orders = [shop.place(line()) for _ in range(3)]
    unknown = shop.place(line("NOPE"))
    then = clock.now() - timezone.timedelta(days=3)
    holds.place(order_ids=[orders[0].pk], reason="a", actor=STAFF, at=then)
    holds.place(order_ids=[orders[1].pk], reason="b", actor=STAFF, at=clock.now())
    client = as_role("sales")
    told = pages.text(client.get(HOLDS))
    assert "Manual 2 oldest 3 days" in told
    assert "Unknown product 1" in told
    assert "Unknown product NOPE: map it – E-commerce" in told
    chosen = client.get(HOLDS, {"cause": "manual"})
    assert pages.numbers(chosen) == [orders[0].number, orders[1].number]
    assert unknown.number not in pages.numbers(chosen)


def test_due_reminders_come_first_and_those_asleep_last(as_role, shop):
    shop.put("MUG", 9)
    today = timezone.localdate()
    days = [None, today + timezone.timedelta(days=2), today, today - timezone.timedelta(days=1)]
    orders = [shop.place(line()) for _ in days]
    for order, day in zip(orders, days, strict=True):
        ids = [order.pk]
        holds.place(order_ids=ids, reason="a", remind_on=day, actor=STAFF, at=clock.now())
    client = as_role("sales")
    answer = client.get(HOLDS)
    plain, asleep, due, overdue = (order.number for order in orders)
    assert pages.numbers(answer) == [overdue, due, plain, asleep]
    told = pages.text(answer)
    assert told.count("Reminder of") == 2
    assert told.count("Until ") == 1
    assert "2 reminders due" in pages.text(client.get("/admin/"))


def test_a_reminder_is_set_by_a_button(as_role, shop):
    shop.put("MUG", 9)
    order = shop.place(line())
    client = as_role("sales")
    day = timezone.localdate() + timezone.timedelta(days=3)
    pages.press(client, order, "hold", reason="call back", remind_on=day.isoformat())
    hold = Hold.objects.get(order=order)
    assert hold.remind_on == day
    told = pages.press(client, order, "remind", hold=str(hold.pk), remind_on="")
    assert "The reminder is gone." in pages.text(told)
    hold.refresh_from_db()
    assert hold.remind_on is None


def test_test_orders_are_in_no_queue(as_role, shop):
    shop.change(is_test=True)
    shop.place(line("NOPE"))
    assert "Nothing is on hold" in pages.text(as_role("sales").get(HOLDS))


def test_holds_of_other_channels_are_not_there(as_role, shop):
    shop.place(line("NOPE"))
    told = pages.text(as_role("sales", channels=[ChannelFactory()]).get(HOLDS))
    assert "Nothing is on hold" in told


@pytest.fixture
def low(shop) -> LowStockAlert:
    level = shop.put("MUG", 10, pack_multiple=12, supplier=SupplierFactory(code="PORTO"))
    ReorderRule.objects.create(
        product=level.product, warehouse=level.warehouse, reorder_point=10, reorder_quantity=30
    )
    return LowStockAlert.objects.create(
        product=level.product, warehouse=level.warehouse, opened_at=clock.now(), available_then=10
    )


def test_low_stock_says_what_to_buy(as_role, low):
    told = pages.text(as_role("warehouse").get(LOW))
    assert "MUG" in told
    assert "MAIN 10 0 10 – 36 packs of 12" in told
    assert low.product.supplier.name in told


def test_low_stock_per_supplier_as_a_file(as_role, low):
    low.product.name = "=HYPERLINK(1)"
    low.product.save()
    client = as_role("warehouse")
    answer = client.get(f"{LOW}export/", {"supplier": "PORTO"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["SKU"], row["Suggested quantity"]) for row in rows] == [("MUG", "36")]
    assert rows[0]["Product"] == "'=HYPERLINK(1)"
    assert (
        list(csv.DictReader(io.StringIO(client.get(f"{LOW}export/?supplier=X").content.decode())))
        == []
    )


def test_low_stock_of_other_warehouses_is_not_there(as_role, low):  # noqa: ARG001
    told = pages.text(as_role("warehouse", warehouses=[WarehouseFactory()]).get(LOW))
    assert "Nothing is low" in told


def test_a_digest_is_ordered_once_and_for_oneself(as_role, shop):
    client = as_role("warehouse")
    add = "/admin/inventory/lowstocksubscription/add/"
    assert client.post(add, {"warehouse": shop.warehouse.pk}).status_code == 302
    again = client.post(add, {"warehouse": shop.warehouse.pk})
    assert "This digest is ordered already." in pages.text(again)
    assert LowStockSubscription.objects.get().user == client.user


@pytest.fixture
def difference(shop) -> StockDifference:
    level = shop.put("MUG", 10)
    StockLevel.objects.filter(pk=level.pk).update(on_hand=12)
    return StockDifference.objects.create(
        level=level, check_kind="ledger_on_hand", counted=12, expected=10, found_at=clock.now()
    )


def test_a_difference_says_counted_expected_and_what_happened_last(as_role, difference):  # noqa: ARG001
    told = pages.text(as_role("warehouse").get(DIFFERENCES))
    assert "On hand against the ledger Counted 12 Expected 10" in told
    assert "Goods in · on hand +10" in told


def test_repair_needs_the_right(as_role, difference):
    client = as_role("warehouse")
    address = f"{DIFFERENCES}{difference.pk}/repair/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert "Repair" not in pages.text(client.get(DIFFERENCES))
    difference.refresh_from_db()
    assert difference.status == "open"


def test_repair_is_an_entry_of_the_ledger_with_a_reason(as_role, difference):
    answer = pages.press(as_role("manager"), difference, "repair", reason="Counted twice")
    told = pages.text(answer)
    assert "Repaired by an entry in the ledger." in told
    assert "The books agree" in told
    difference.refresh_from_db()
    assert (difference.status, difference.reason) == ("repaired", "Counted twice")
    assert StockLevel.objects.get(pk=difference.level_id).on_hand == 10


def test_an_import_says_which_rows_were_rejected_why(as_role, shop):
    run = ImportRun.objects.create(
        channel=shop.channel, file_name="march.csv", file_digest="a", mapping_digest="b",
        stock_mode="ship", status="done", started_at=clock.now(), row_count=2,
        figures={"orders": 1},
    )  # fmt: skip
    ImportRow.objects.create(
        run=run, row_number=2, kind="refused", reference="A5", error="missing",
        data={"field": "price", "value": "<b>"},
    )  # fmt: skip
    told = pages.text(as_role("manager").get(pages.page_of(run)))
    assert "march.csv" in told
    assert "2 A5 The cell is empty. price <b>" in told
    elsewhere = as_role("manager", channels=[ChannelFactory()])
    assert elsewhere.get(pages.page_of(run)).status_code == 404
    assert elsewhere.get("/admin/orders/importrun/").content.decode().count("march.csv") == 0


def test_a_price_is_accepted_once_for_all_that_wait_for_it(as_role, shop):
    shop.change(price_tolerance_percent=10)
    shop.put("MUG", 50)
    shop.put("TEA", 50)
    shop.price("MUG", "10.00")
    shop.price("TEA", "5.00")
    alike = [shop.place(line("MUG", unit_price="4.00")) for _ in range(3)]
    both = shop.place(line("MUG", unit_price="4.00"), line("TEA", unit_price="1.00"))
    other = shop.place(line("MUG", unit_price="3.00"))
    client = as_role("sales")
    told = pages.text(client.get(HOLDS, {"cause": "price"}))
    assert "MUG at £4.00 list price £10.00 4" in told
    address = f"{HOLDS}accept-price/?sku=MUG&price=4.00"
    opened = client.get(address).content.decode()
    assert "MUG at 4.00: 4 orders" in opened
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened))
    client.post(address, {**fixed, "reason": "Sale"})
    jobs.work()

    held = {hold.order_id: hold.params["lines"] for hold in Hold.objects.filter(status="open")}
    assert set(held) == {both.pk, other.pk}
    assert [one["sku"] for one in held[both.pk]] == ["TEA"]
    alike[0].refresh_from_db()
    assert (alike[0].is_held, alike[0].released_at is None) == (False, False)
    assert "No order waits for this price any more." in pages.text(
        client.post(address, {**fixed, "reason": "Sale"})
    )
    assert as_role("warehouse").get(address).status_code == 403


def test_an_address_is_corrected_for_all_orders_held_for_it(as_role, shop):
    shop.put("MUG", 50)
    wrong = {**ADDRESS, "postal_code": "NONSENSE"}
    orders = [shop.place(shipping_address=wrong) for _ in range(3)]
    other = shop.place(shipping_address={**wrong, "line1": "2 High Street"})
    client = as_role("sales")
    assert "Correct address" in pages.text(client.get(HOLDS, {"cause": "address"}))
    told = pages.text(pages.press(client, orders[0], "correct-address", **ADDRESS))
    assert "and that of 2 orders held for the same one." in told
    held = Hold.objects.filter(status="open").values_list("order_id", flat=True)
    assert list(held) == [other.pk]


def test_a_cause_is_released_for_all_that_wait(as_role, shop):
    shop.put("MUG", 50)
    for _ in range(3):
        shop.place(risk="high")
    client = as_role("manager")
    body = client.get(HOLDS, {"cause": "fraud"}).content.decode()
    address = "/admin/orders/order/bulk-release/?all=1&view=held&hold=fraud"
    assert address.replace("&", "&amp;") in body
    opened = client.get(address).content.decode()
    assert "3 orders" in opened
    assert '<option value="fraud" selected' in opened


def test_failed_orders_stand_beside_the_holds(as_role, shop):
    shop.post(document(currency="XXX"))
    assert "Failed orders 1 oldest 0 min" in pages.text(as_role("sales").get(HOLDS))
    assert "Failed orders 1" not in pages.text(as_role("warehouse").get(HOLDS))
