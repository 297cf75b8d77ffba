"""Staff change what they saw; an outdated form is refused."""

import pytest

from config.kernel import clock, tags
from config.kernel.errors import StaleState
from customers import errors
from customers.models import Customer
from customers.services import editing, identity
from tests.factories.customers import CustomerFactory
from tests.factories.kernel import ChannelFactory

pytestmark = pytest.mark.django_db


def change(customer, version=1, **values):
    return editing.change(
        customer=customer, version=version, values=values, country="GB", at=clock.now()
    )


def found_by(channel, email):
    given = identity.given(country="GB", email=email)
    return identity.identify(channel=channel, given=given, at=clock.now())


def test_values_are_kept_in_their_normal_form():
    customer = CustomerFactory.create()
    change(
        customer,
        name="Ada King",
        phone="0113 496 0000",
        vat_number="gb 980 7806 84",
        email="Ada@Example.com",
        payment_terms_days=30,
    )

    customer.refresh_from_db()
    assert (customer.name, customer.payment_terms_days) == ("Ada King", 30)
    assert customer.phone == "+441134960000"
    assert (customer.vat_number, customer.vat_number_valid) == ("GB980780684", True)
    assert (customer.email, customer.email_key) == ("Ada@Example.com", "ada@example.com")
    assert customer.version == 2


def test_staff_may_clear_a_field():
    customer = CustomerFactory.create(vat_number="GB980780684", vat_number_valid=True)
    change(customer, vat_number="", name="")
    customer.refresh_from_db()
    assert (customer.name, customer.vat_number, customer.vat_number_valid) == ("", "", None)


def test_an_outdated_form_is_refused_and_changes_nothing():
    customer = CustomerFactory.create(name="Ada King")
    change(customer, notes="First")

    with pytest.raises(StaleState):
        change(customer, name="Ada Lovelace", notes="Second")
    customer.refresh_from_db()
    assert (customer.name, customer.notes, customer.version) == ("Ada King", "First", 2)


def test_a_new_email_identifies_the_customer_and_the_old_one_still_does():
    channel = ChannelFactory.create()
    customer = found_by(channel, "ada@example.com")
    change(customer, email="ada@work.example")

    assert found_by(channel, "ada@work.example") == customer
    assert Customer.objects.get().email == "ada@work.example"
    assert customer.references.count() == 2


def test_an_email_that_identifies_another_customer_still_does():
    channel = ChannelFactory.create()
    ada, bob = found_by(channel, "ada@example.com"), found_by(channel, "bob@example.com")
    change(bob, email="ada@example.com")

    assert found_by(channel, "ada@example.com") == ada


@pytest.mark.parametrize("field", ["is_blocked", "merged_into", "email_key", "channel", "pk"])
def test_what_is_not_staffs_to_edit_is_refused(field):
    with pytest.raises(ValueError, match=field):
        change(CustomerFactory.create(), **{field: "x"})


def test_a_customer_merged_away_is_not_edited():
    survivor = CustomerFactory.create()
    with pytest.raises(errors.MergedAway):
        change(CustomerFactory.create(merged_into=survivor), name="Ada")


def test_tags_are_spelt_as_they_were_first_typed():
    tags.canonical(names=["VIP"])
    customer = CustomerFactory.create()
    change(customer, tags=["vip", "Trade ", "trade"])
    customer.refresh_from_db()
    assert customer.tags == ["VIP", "Trade"]
