"""Two records of one customer become one, and nothing is lost."""

import functools

import pytest

from config.kernel import clock
from config.kernel.actors import Actor
from config.kernel.models import Event
from customers import addresses as postal
from customers import errors
from customers.models import Customer
from customers.services import addresses, blocking, identity, merging
from tests import threads
from tests.factories.customers import CustomerFactory
from tests.factories.kernel import ChannelFactory

ACTOR = Actor("staff", "1", "Grace")


def merge(survivor, duplicate, reason="Same person"):
    return merging.merge(
        survivor=survivor, duplicate=duplicate, actor=ACTOR, reason=reason, at=clock.now()
    )


def known(channel, **fields):
    given = identity.given(**({"country": "GB"} | fields))
    return identity.identify(channel=channel, given=given, at=clock.now())


@pytest.fixture
def channel(db):  # noqa: ARG001
    return ChannelFactory.create()


def test_references_find_the_survivor_afterwards(channel):
    survivor = known(channel, reference="1", email="ada@example.com")
    duplicate = known(channel, reference="2", email="ada@work.example")

    merge(survivor, duplicate)

    assert known(channel, reference="2") == survivor
    assert known(channel, email="ada@work.example") == survivor
    assert not duplicate.references.exists()


def test_the_duplicate_points_to_the_survivor_and_orders_are_told(channel):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")

    merge(survivor, duplicate)

    duplicate.refresh_from_db()
    event = Event.objects.get()
    assert duplicate.merged_into == survivor
    assert Customer.objects.current().get() == survivor
    assert (event.type, event.aggregate_id, event.actor_label) == (
        "customer.merged",
        survivor.pk,
        "Grace",
    )
    assert event.payload == {"survivor": str(survivor.pk), "duplicate": str(duplicate.pk)}


def test_addresses_move_and_one_that_both_have_stays_once(channel):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")
    home = {"line1": "12 High Street", "city": "Leeds", "postal_code": "LS1 4AP", "country": "GB"}
    rows = [
        addresses.address_row(customer.pk, postal.check(home | {"line1": line1}), clock.now())
        for customer, line1 in [(survivor, "1 A St"), (duplicate, "1 A St"), (duplicate, "2 B St")]
    ]
    addresses.remember(rows=rows)

    merge(survivor, duplicate)

    assert sorted(survivor.addresses.values_list("line1", flat=True)) == ["1 A St", "2 B St"]
    assert not duplicate.addresses.exists()


def test_the_survivor_takes_over_only_what_it_lacks(channel):
    survivor = CustomerFactory.create(
        channel=channel, name="Ada King", tags=["trade"], notes="Rings at nine."
    )
    duplicate = CustomerFactory.create(
        channel=channel,
        name="A. King",
        company="Engines Ltd",
        tags=["trade", "vip"],
        notes="Leave with porter.",
        credit_limit=500,
        credit_currency="GBP",
    )

    merge(survivor, duplicate)

    survivor.refresh_from_db()
    assert (survivor.name, survivor.company) == ("Ada King", "Engines Ltd")
    assert survivor.credit_limit == 500
    assert survivor.credit_currency == "GBP"
    assert survivor.tags == ["trade", "vip"]
    assert survivor.notes == "Rings at nine.\n\nLeave with porter."


def test_a_block_stays_a_block(channel):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")
    blocking.block(customer=duplicate, reason="Chargebacks", actor=ACTOR, at=clock.now())

    merge(survivor, duplicate)

    survivor.refresh_from_db()
    assert (survivor.is_blocked, survivor.blocked_reason) == (True, "Chargebacks")
    types = list(Event.objects.filter(aggregate_id=survivor.pk).values_list("type", flat=True))
    assert types == ["customer.merged", "customer.blocked"]


def test_customers_of_two_channels_can_be_one_person(channel):
    survivor = known(channel, email="ada@example.com")
    elsewhere = ChannelFactory.create()
    merge(survivor, known(elsewhere, email="ada@example.com"))

    assert known(elsewhere, email="ada@example.com") == survivor


def test_a_chain_of_merges_ends_at_the_last_survivor(channel):
    first, second, third = (known(channel, reference=f"{n}") for n in range(3))
    merge(second, first)
    merge(third, second)

    first.refresh_from_db()
    assert first.merged_into == third
    assert known(channel, reference="0") == third


def test_merging_twice_changes_nothing(channel):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")
    merge(survivor, duplicate)
    before = Customer.objects.order_by("pk").values_list("version", flat=True)[::1]

    assert merge(survivor, duplicate) == survivor
    assert Customer.objects.order_by("pk").values_list("version", flat=True)[::1] == before
    assert Event.objects.count() == 1


def test_a_customer_cannot_be_merged_into_itself(channel):
    customer = known(channel, reference="1")
    with pytest.raises(errors.MergedIntoItself):
        merge(customer, customer)


@pytest.mark.parametrize("swapped", [False, True])
def test_who_was_merged_away_takes_no_part(channel, swapped):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")
    merge(survivor, duplicate)
    other = known(channel, reference="3")

    with pytest.raises(errors.MergedAway) as refused:
        merge(*((other, duplicate) if swapped else (duplicate, other)))
    assert refused.value.params == {"customer": str(survivor.pk)}
    other.refresh_from_db()
    assert other.merged_into is None


def test_a_merge_needs_a_reason(channel):
    survivor, duplicate = known(channel, reference="1"), known(channel, reference="2")
    with pytest.raises(errors.ReasonMissing):
        merge(survivor, duplicate, reason="  ")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_people_merging_crosswise_leave_one_survivor():
    channel = ChannelFactory.create()
    ada, bob = known(channel, reference="1"), known(channel, reference="2")

    outcomes = threads.at_once(
        functools.partial(merge, ada, bob), functools.partial(merge, bob, ada)
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Customer", "MergedAway"]
    assert Customer.objects.current().count() == 1
    assert Event.objects.count() == 1
