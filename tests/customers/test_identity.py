"""Who orders: found by reference, then by e-mail, within the channel; else made; else a guest."""

import functools
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, sql
from customers.models import Customer, CustomerReference
from customers.services import identity
from tests import threads
from tests.factories.customers import CustomerFactory
from tests.factories.kernel import ChannelFactory


def given(**fields):
    return identity.given(**({"country": "GB"} | fields))


def identify(channel, **fields):
    return identity.identify(channel=channel, given=given(**fields), at=clock.now())


def references(customer):
    return sorted(customer.references.values_list("kind", "value"))


def statements(channel, givens):
    """How many statements identifying takes, transaction control apart."""
    with CaptureQueriesContext(connection) as captured:
        identity.identify_many(channel_id=channel.pk, givens=givens, at=clock.now())
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


@pytest.fixture
def channel(db):  # noqa: ARG001
    return ChannelFactory.create()


def test_neither_reference_nor_email_is_a_guest(channel):
    assert identify(channel, name="Ada King", phone="0113 496 0000") is None
    assert not Customer.objects.exists()


def test_a_new_reference_makes_a_customer_with_both_references(channel):
    customer = identify(channel, reference="17850", name="Ada King", email="Ada@Example.com")

    assert (customer.name, customer.email, customer.email_key) == (
        "Ada King",
        "Ada@Example.com",
        "ada@example.com",
    )
    assert customer.channel == channel
    assert references(customer) == [("email", "ada@example.com"), ("reference", "17850")]


def test_values_are_kept_in_their_normal_form(channel):
    customer = identify(channel, reference="1", phone="0113 496 0000", vat_number="gb 980 7806 84")

    assert customer.phone == "+441134960000"
    assert customer.vat_number == "GB980780684"
    assert customer.vat_number_valid is True


def test_what_cannot_be_normalised_is_kept_as_sent(channel):
    customer = identify(channel, reference="1", phone="ask at desk", vat_number="GB 123")

    assert customer.phone == "ask at desk"
    assert customer.vat_number_valid is False


def test_a_text_longer_than_a_phone_number_is_cut(channel):
    assert identify(channel, reference="1", phone="ask " * 10).phone == ("ask " * 10)[:32]


def test_letters_that_grow_in_capitals_are_cut_to_what_fits(channel):
    customer = identify(channel, reference="1", vat_number="ß" * 32)
    assert (customer.vat_number, customer.vat_number_valid) == ("SS" * 16, False)


@pytest.mark.parametrize("email", ["n/a", "@example.com", "ada@", "  "])
def test_a_text_that_is_no_email_identifies_nobody(channel, email):
    assert identify(channel, email=email) is None


def test_the_reference_is_asked_first(channel):
    by_reference = identify(channel, reference="1", email="one@example.com")
    by_email = identify(channel, reference="2", email="two@example.com")

    assert identify(channel, reference="1", email="two@example.com") == by_reference
    assert references(by_email) == [("email", "two@example.com"), ("reference", "2")]


def test_an_email_in_another_letter_case_is_the_same_customer(channel):
    ada = identify(channel, email="ada@example.com")
    assert identify(channel, email="ADA@EXAMPLE.COM") == ada
    ada.refresh_from_db()
    assert (ada.email, ada.version) == ("ada@example.com", 1)


def test_an_email_identifies_only_within_its_channel(channel):
    here = identify(channel, email="ada@example.com")
    there = identify(ChannelFactory.create(), email="ada@example.com")
    assert here != there


def test_a_missing_reference_is_added_to_a_customer_found_by_email(channel):
    guest_once = identify(channel, email="ada@example.com")
    assert identify(channel, reference="17850", email="ada@example.com") == guest_once
    assert references(guest_once) == [("email", "ada@example.com"), ("reference", "17850")]


def test_what_differs_is_updated_and_what_is_empty_is_kept(channel):
    identify(channel, reference="1", name="Ada King", company="Engines Ltd", phone="0113 496 0000")
    customer = identify(channel, reference="1", name="Ada Lovelace", phone="", company="")

    assert (customer.name, customer.company) == ("Ada Lovelace", "Engines Ltd")
    assert customer.phone == "+441134960000"
    assert customer.version == 2


def test_nothing_new_writes_nothing(channel):
    fields = {"reference": "1", "name": "Ada King", "email": "ada@example.com"}
    identify(channel, **fields)

    assert statements(channel, [given(**fields)]) == 1
    assert Customer.objects.get().version == 1


def test_what_staff_decided_is_not_touched(channel):
    customer = identify(channel, reference="1", name="Ada King")
    decided = {
        "is_blocked": True,
        "blocked_reason": "Chargebacks",
        "payment_terms_days": 30,
        "credit_limit": Decimal("500.000"),
        "credit_currency": "GBP",
        "notes": "Rings at nine.",
        "tags": ["trade"],
    }
    Customer.objects.filter(pk=customer.pk).update(**decided)

    again = identify(channel, reference="1", name="Ada Lovelace", vat_number="GB980780684")

    assert again.name == "Ada Lovelace"
    assert {name: getattr(again, name) for name in decided} == decided


def test_a_known_customer_brings_what_holds_ask_for(channel):
    customer = CustomerFactory.create(
        channel=channel,
        is_blocked=True,
        blocked_reason="Chargebacks",
        credit_limit=Decimal(500),
        credit_currency="GBP",
    )
    CustomerReference.objects.create(
        channel=channel, kind="reference", value="1", customer=customer
    )
    (row,) = sql.fetch(identity.LOOK_UP, [channel.pk, sql.to_json([("reference", "1")])])

    found = identity.resolve(
        channel_id=channel.pk,
        given=given(reference="1"),
        by_reference=identity.Known(*row[2:]),
        by_email=None,
        at=clock.now(),
    )

    assert found.customer is not None
    assert found.customer_id == customer.pk
    assert (found.new_rows, found.changes) == ([], {})
    assert found.customer.is_blocked
    assert found.customer.blocked_reason == "Chargebacks"
    assert found.customer.credit_limit == 500
    assert found.customer.credit_currency == "GBP"


class TestMany:
    def test_keys_come_back_in_the_order_of_what_was_given(self, channel):
        known = identify(channel, reference="1")
        found = identity.identify_many(
            channel_id=channel.pk,
            givens=[given(reference="2"), given(name="Nobody"), given(reference="1")],
            at=clock.now(),
        )

        assert found[1] is None
        assert found[2] == known.pk
        assert CustomerReference.objects.get(customer=found[0]).value == "2"

    def test_a_customer_met_several_times_is_made_once(self, channel):
        found = identity.identify_many(
            channel_id=channel.pk,
            givens=[
                given(reference="1", email="ada@example.com", name="A. King"),
                given(reference="1", name="Ada King"),
                given(email="ada@example.com", company="Engines Ltd"),
                given(reference="1", name="Ada Lovelace"),
            ],
            at=clock.now(),
        )

        customer = Customer.objects.get()
        assert set(found) == {customer.pk}
        assert (customer.name, customer.company) == ("Ada Lovelace", "Engines Ltd")
        assert references(customer) == [("email", "ada@example.com"), ("reference", "1")]

    def test_hundreds_take_a_few_statements(self, channel):
        some = [given(reference=f"{n}", email=f"{n}@example.com") for n in range(300)]
        renamed = [given(reference=f"{n}", name=f"Name {n}") for n in range(600)]

        assert statements(channel, some) == 2
        assert statements(channel, renamed) == 3
        assert Customer.objects.filter(name__startswith="Name").count() == 600

    def test_nobody_is_found_among_no_one(self, channel):
        assert identity.identify_many(channel_id=channel.pk, givens=[], at=clock.now()) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_new_customer_at_once_is_made_once():
    channel = ChannelFactory.create()
    calls = [
        functools.partial(
            identify, channel, reference="17850", email="ada@example.com", name=f"Ada {number}"
        )
        for number in range(8)
    ]

    found = threads.at_once(*calls)

    assert found == [Customer.objects.get()] * 8
    assert CustomerReference.objects.count() == 2
