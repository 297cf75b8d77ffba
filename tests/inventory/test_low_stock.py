"""Low stock: one open alert, the right suggestion, one digest."""

import csv
import io
import smtplib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from config.kernel import clock, ids
from inventory import errands, reports, tasks
from inventory.models import LowStockAlert, LowStockSubscription, ReorderRule, StockDifference
from inventory.queries import low_stock as queue
from inventory.services import low_stock, transfers, warehouses
from tests.factories.inventory import (
    ProductFactory,
    StockLevelFactory,
    SupplierFactory,
    WarehouseFactory,
)
from tests.factories.kernel import UserFactory
from tests.inventory import books

pytestmark = pytest.mark.django_db


def low_level(on_hand=10, point=10, **rule):
    level = StockLevelFactory(product__pack_multiple=12, product__lead_time_days=14)
    if on_hand:
        books.fill(level, on_hand)
    ReorderRule.objects.create(
        product=level.product, warehouse=level.warehouse, reorder_point=point, **rule
    )
    return level


def sweep(at=books.AT):
    swept = low_stock.sweep(at=at)
    return swept.opened, swept.closed


def figures(at=books.AT):
    (low,) = queue.figures(queue.open_alerts(), at=at)
    return low


def test_an_alert_opens_at_the_reorder_point_and_is_never_repeated():
    level = low_level(on_hand=11)
    assert sweep() == (0, 0)
    books.post(books.entry(level, "reserve", reserved=1))
    assert sweep() == (1, 0)
    assert sweep() == (0, 0)
    books.post(books.entry(level, "ship", on_hand=-1, reserved=-1))
    assert sweep() == (0, 0)
    alert = LowStockAlert.objects.get()
    assert (alert.product, alert.warehouse) == (level.product, level.warehouse)
    assert (alert.available_then, alert.opened_at, alert.closed_at) == (10, books.AT, None)


def test_an_alert_closes_by_itself_when_stock_is_back_and_may_open_again():
    level = low_level()
    sweep()
    books.post(books.entry(level, on_hand=1))
    assert sweep() == (0, 1)
    assert LowStockAlert.objects.get().closed_at == books.AT
    books.post(books.entry(level, "ship", on_hand=-1))
    assert sweep() == (1, 0)
    assert LowStockAlert.objects.filter(closed_at=None).count() == 1


def test_a_changed_reorder_point_is_noticed_without_any_movement():
    low_level()
    sweep()
    ReorderRule.objects.update(reorder_point=9)
    assert sweep() == (0, 1)
    ReorderRule.objects.update(reorder_point=20)
    assert sweep() == (1, 0)
    ReorderRule.objects.all().delete()
    assert sweep() == (0, 1)


def test_what_was_never_stocked_is_low_and_what_is_not_sold_is_not():
    warehouse = WarehouseFactory()
    words = {"warehouse": warehouse, "reorder_point": 0}
    ReorderRule.objects.create(product=ProductFactory(), **words)
    ReorderRule.objects.create(product=ProductFactory(is_active=False), **words)
    ReorderRule.objects.create(product=ProductFactory(is_stocked=False), **words)
    assert sweep() == (1, 0)
    low = figures()
    assert (low.available, low.demand_per_day, low.days_of_cover) == (0, 0, None)
    assert low.suggested == 1


def sell(level, quantity, *, days_ago, order=None):
    entry = books.entry(
        level, "ship", on_hand=-quantity, subject_id=order, at=books.AT - timedelta(days=days_ago)
    )
    books.post(books.entry(level, on_hand=quantity, at=books.AT - timedelta(days=days_ago)), entry)


def test_four_a_day_for_fourteen_days_in_packs_of_twelve_are_48():
    level = low_level()
    for day in range(56):
        sell(level, 4, days_ago=day)
    sell(level, 400, days_ago=57)
    sweep()
    low = figures()
    assert (low.demand_per_day, low.days_of_cover, low.available) == (Decimal("4.0000"), 2, 10)
    assert low.suggested == 48


def test_a_one_off_large_order_is_left_out_and_two_shipments_of_one_order_are_one():
    level = low_level()
    for day in range(56):
        sell(level, 4, days_ago=day)
    large = ids.new()
    for _ in range(2):
        sell(level, 2500, days_ago=3, order=large)
    sell(level, 1, days_ago=60)
    sweep()
    assert figures().demand_per_day == Decimal("4.0000")


def test_a_young_product_is_judged_by_its_own_days():
    level = low_level(on_hand=0)
    sell(level, 20, days_ago=9)
    sell(level, 20, days_ago=1)
    sweep()
    assert figures().demand_per_day == Decimal("4.4444")


def test_what_is_on_its_way_counts():
    level = low_level()
    other = StockLevelFactory(product=level.product)
    books.fill(other, 30)
    for day in range(56):
        sell(level, 4, days_ago=day)
    transfers.send(
        source_id=other.warehouse_id,
        destination_id=level.warehouse_id,
        parcels=[transfers.Parcel(level.product_id, 20)],
        command_id=ids.new(),
        actor=books.ACTOR,
        at=books.AT,
    )
    sell(level, 1, days_ago=60)
    sweep()
    low = figures()
    assert (low.incoming, low.suggested) == (20, 36)


def test_the_queue_takes_the_same_queries_however_long(django_assert_num_queries):
    for _ in range(6):
        sell(low_level(), 4, days_ago=2)
    sweep()
    with django_assert_num_queries(6):
        lows = queue.figures(queue.open_alerts(), at=books.AT)
    assert len(lows) == 6


def test_the_export_is_a_table_that_runs_no_formula():
    level = low_level(reorder_quantity=5)
    supplier = SupplierFactory(code="ACME")
    level.product.supplier, level.product.name = supplier, "=HYPERLINK(1)"
    level.product.sku, level.product.supplier_item_number = "+1", "-7"
    level.product.save()
    sweep()
    table = reports.low_stock_csv(queue.figures(queue.open_alerts(), at=books.AT))
    header, row = csv.reader(io.StringIO(table))
    assert header[:4] == ["Supplier", "Supplier's number", "SKU", "Product"]
    warehouse = level.warehouse.code
    assert row == [
        "ACME", "'-7", "'+1", "'=HYPERLINK(1)", warehouse, "10", "0", "10", "", "12", "2026-11-22",
    ]  # fmt: skip


def subscribe(**details):
    warehouse = details.pop("warehouse", None)
    email = f"reader{LowStockSubscription.objects.count()}@example.test"
    user = details.pop("user", None) or UserFactory(**{"email": email, **details})
    LowStockSubscription.objects.create(user=user, warehouse=warehouse)
    return user


def test_one_digest_goes_to_each_subscriber_once():
    level = low_level()
    sweep()
    user = subscribe(email="ann@example.test")
    subscribe(user=user, warehouse=level.warehouse)
    assert errands.send_low_stock_digests(at=books.AT) == 1
    (digest,) = mail.outbox
    assert (digest.to, digest.subject) == (["ann@example.test"], "1 product is low")
    assert digest.body == (
        "New\n"
        f"- {level.product.sku} {level.product.name}, {level.warehouse.code}: 10 available, "
        "0 incoming, order 12\n"
        "\n"
        "Suggested quantities cover the lead time at the usual demand."
    )
    assert errands.send_low_stock_digests(at=books.AT) == 0


def test_the_next_day_only_something_new_is_worth_a_mail():
    low_level()
    sweep()
    subscribe()
    errands.send_low_stock_digests(at=books.AT)
    tomorrow = books.AT + timedelta(days=1)
    assert errands.send_low_stock_digests(at=tomorrow) == 0
    low_level()
    later = tomorrow + timedelta(days=1)
    sweep(later)
    assert errands.send_low_stock_digests(at=later) == 1
    assert mail.outbox[1].subject == "2 products are low"
    assert mail.outbox[1].body.index("New") < mail.outbox[1].body.index("Still low")


def test_a_digest_tells_of_the_warehouses_its_reader_may_see():
    main, north = low_level(), low_level()
    sweep()
    chosen = subscribe(warehouse=north.warehouse)
    limited = subscribe()
    warehouses.limit_staff(user=limited, warehouses=[main.warehouse])
    subscribe(is_active=False)
    LowStockSubscription.objects.create(user=UserFactory(email=""))
    assert errands.send_low_stock_digests(at=books.AT) == 2
    bodies = {digest.to[0]: digest.body for digest in mail.outbox}
    assert len(mail.outbox) == 2
    assert chosen.email in bodies
    told = sorted(digest.body.count(" available") for digest in mail.outbox)
    assert told == [1, 1]
    assert any(main.product.sku in digest.body for digest in mail.outbox)
    assert any(north.product.sku in digest.body for digest in mail.outbox)


def test_a_mail_that_cannot_be_sent_is_tried_again_and_stops_nobody(monkeypatch):
    low_level()
    sweep()
    subscribe()
    subscribe()
    send, failed = EmailBackend.send_messages, []

    def refuse_first(self, messages):
        if not failed:
            failed.append(messages)
            raise smtplib.SMTPServerDisconnected
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_first)
    assert errands.send_low_stock_digests(at=books.AT) == 1
    assert errands.send_low_stock_digests(at=books.AT) == 0
    LowStockSubscription.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    assert errands.send_low_stock_digests(at=books.AT) == 1
    assert len(mail.outbox) == 2


def test_a_long_digest_is_cut(monkeypatch):
    monkeypatch.setattr("inventory.emails.SHOWN", 2)
    for _ in range(3):
        low_level()
    sweep()
    subscribe()
    errands.send_low_stock_digests(at=books.AT)
    assert "… and 1 more" in mail.outbox[0].body


def test_the_tasks_do_what_they_say(caplog):
    level = low_level()
    subscribe()
    tasks.sweep_low_stock()
    tasks.send_low_stock_digests()
    assert len(mail.outbox) == 1
    tasks.check_stock()
    assert "stock differences" not in caplog.text
    type(level).objects.update(on_hand=12)
    tasks.check_stock()
    assert "2 stock differences" in caplog.text
    assert StockDifference.objects.count() == 2
