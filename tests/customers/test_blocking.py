"""Blocking needs a reason and tells orders; doing it twice changes nothing."""

import pytest

from config.kernel import clock
from config.kernel.actors import Actor
from config.kernel.models import Event
from customers import errors
from customers.services import blocking, merging
from tests.factories.customers import CustomerFactory

ACTOR = Actor("staff", "1", "Grace")
pytestmark = pytest.mark.django_db


def block(customer, reason="Chargebacks"):
    return blocking.block(customer=customer, reason=reason, actor=ACTOR, at=clock.now())


def unblock(customer):
    return blocking.unblock(customer=customer, actor=ACTOR, at=clock.now())


def told():
    return list(Event.objects.order_by("id").values_list("type", "aggregate_version"))


def test_a_blocked_customer_carries_the_reason_and_orders_are_told():
    customer = CustomerFactory.create()
    block(customer, " Chargebacks ")

    customer.refresh_from_db()
    assert (customer.is_blocked, customer.blocked_reason) == (True, "Chargebacks")
    assert customer.version == 2
    assert told() == [("customer.blocked", 2)]
    assert Event.objects.get().payload == {"customer": str(customer.pk)}


def test_unblocking_clears_the_reason_and_orders_are_told():
    customer = unblock(block(CustomerFactory.create()))

    customer.refresh_from_db()
    assert (customer.is_blocked, customer.blocked_reason) == (False, "")
    assert told() == [("customer.blocked", 2), ("customer.unblocked", 3)]


def test_doing_it_twice_changes_nothing():
    customer = CustomerFactory.create()
    unblock(customer)
    block(customer)
    block(customer)
    assert told() == [("customer.blocked", 2)]


def test_another_reason_is_kept():
    customer = CustomerFactory.create()
    block(customer)
    assert block(customer, "Asked to be forgotten").blocked_reason == "Asked to be forgotten"
    assert told() == [("customer.blocked", 2), ("customer.blocked", 3)]


def test_a_block_needs_a_reason():
    customer = CustomerFactory.create()
    with pytest.raises(errors.ReasonMissing):
        block(customer, "   ")
    customer.refresh_from_db()
    assert not customer.is_blocked


@pytest.mark.parametrize("act", [block, unblock])
def test_who_was_merged_away_is_not_decided_about(act):
    survivor, duplicate = CustomerFactory.create_batch(2)
    merging.merge(
        survivor=survivor, duplicate=duplicate, actor=ACTOR, reason="Same", at=clock.now()
    )
    with pytest.raises(errors.MergedAway):
        act(duplicate)
