"""A day on which everything happens: each event carries what docs/events.md says, and no more."""

from datetime import date
from decimal import Decimal

import pytest

from config.kernel import dispatch, event_types, events, ids
from config.kernel.models import Event
from config.kernel.webhooks import bodies
from customers.services import blocking, merging
from fulfillment.services import dispatch as despatch
from inventory.services import adjustments, products, receiving, transfers
from inventory.services.receiving import Arrival
from inventory.services.transfers import Parcel
from orders.models import Hold, OrderLine
from orders.services import (
    address_correction,
    cancellation,
    holds,
    notes,
    payments,
    shortages,
    tagging,
)
from orders.services.cancellation import Part
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import ADDRESS, AT, STAFF, line

pytestmark = [pytest.mark.flow, pytest.mark.django_db]

WHO = {"actor": STAFF, "at": AT}
# Written for many products at once; somebody listens to them, and `inventory` has their tests.
BY_FILES = {"stock.gained_many", "product.changed_many"}


def lines_of(order):
    return list(OrderLine.objects.filter(order=order).order_by("position"))


def handle_an_order(shop):
    order = shop.place(line(quantity=3))
    holds.place(order_ids=[order.pk], reason="Ann asked", **WHO)
    hold = Hold.objects.get(order=order, status="open")
    holds.remind(hold_id=hold.pk, on=date(2026, 12, 1), **WHO)
    holds.release(hold_id=hold.pk, reason="Ann agreed", **WHO)
    note = notes.write(order_id=order.pk, text="Ann called", command_id=ids.new(), **WHO)
    notes.pin(note_id=note.pk, **WHO)
    notes.unpin(note_id=note.pk, **WHO)
    notes.remove(note_id=note.pk, **WHO)
    tagging.tag(order_ids=[order.pk], name="Ann", **WHO)
    tagging.untag(order_ids=[order.pk], name="Ann", **WHO)
    address_correction.correct(
        order_id=order.pk, address={**ADDRESS, "line1": "2 High Street"}, **WHO
    )
    payments.record(order_id=order.pk, method="card", status="paid", amount=Decimal("10.00"), **WHO)
    parts = [Part(lines_of(order)[0].pk, 1)]
    cancellation.cancel(order_id=order.pk, parts=parts, reason="Ann changed her mind", **WHO)
    despatch.ship_at_once(order_id=order.pk, command_id=ids.new(), **WHO)


def cancel_an_order(shop):
    cancellation.cancel(order_id=shop.place(line()).pk, reason="Ann left", **WHO)
    assigned = shop.place(line())
    OrderLine.objects.filter(order=assigned).update(reserved=0, assigned=1)
    cancellation.cancel(order_id=assigned.pk, reason="too late", **WHO)


def run_short(shop):
    """Wait for stock, get it, and lose it again."""
    level = shop.put("TEA")
    customer = shop.place(line()).customer
    blocking.block(customer=customer, reason="Unpaid bills", **WHO)
    shop.place(line("TEA", 2))
    blocking.unblock(customer=customer, **WHO)
    dispatch.deliver_due()
    receiving.receive(
        warehouse_id=shop.warehouse.pk, arrivals=[Arrival(level.product_id, 2)],
        document="PO-1", command_id=ids.new(), **WHO,
    )  # fmt: skip
    dispatch.deliver_due()
    shortages.apply(
        book=lambda: adjustments.adjust(
            product_id=level.product_id, warehouse_id=shop.warehouse.pk, quantity=-2,
            reason="not found", command_id=ids.new(), **WHO,
        ),
        **WHO,
    )  # fmt: skip


def move_goods(level):
    north = WarehouseFactory(code="NORTH")
    sent = transfers.send(
        source_id=level.warehouse_id, destination_id=north.pk,
        parcels=[Parcel(level.product_id, 3)], command_id=ids.new(), **WHO,
    )  # fmt: skip
    there = {"transfer_id": sent.pk, **WHO}
    transfers.receive(quantities={level.product_id: 2}, command_id=ids.new(), **there)
    transfers.write_off(
        quantities={level.product_id: 1}, reason="Ann dropped it", command_id=ids.new(), **there
    )


def meet_customers():
    ann = CustomerFactory()
    twin = CustomerFactory(channel=ann.channel)
    merging.merge(survivor=ann, duplicate=twin, reason="the same Ann", **WHO)


def test_each_event_carries_what_the_page_says(shop):
    level = shop.put("MUG", 20)
    products.announce(products=[level.product], **WHO)
    handle_an_order(shop)
    cancel_an_order(shop)
    run_short(shop)
    move_goods(level)
    meet_customers()

    assert all(events.handlers_of(name) for name in BY_FILES)
    declared = event_types.known()
    found = list(Event.objects.order_by("pk"))
    assert {one.type for one in found} == set(declared) - BY_FILES
    for one in found:
        fields = set(bodies.outward(one.payload))
        assert fields == set(declared[one.type].data), one.type
        assert "Ann" not in str(bodies.outward(one.payload)), one.type
        assert bool(one.channel_id) == declared[one.type].is_told, one.type
