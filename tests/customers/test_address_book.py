"""The address book keeps each address once per customer."""

import pytest

from config.kernel import clock
from customers import addresses as postal
from customers.models import Address
from customers.services import addresses
from tests.factories.customers import CustomerFactory

HOME = {"name": "Ada King", "line1": "12 High Street", "city": "Leeds", "postal_code": "LS1 4AP",
        "country": "GB"}  # fmt: skip


def _row(customer, **changes):
    return addresses.address_row(customer.pk, postal.check(HOME | changes), clock.now())


@pytest.mark.django_db
def test_the_same_address_is_kept_once_however_it_is_typed():
    customer = CustomerFactory.create()

    first = addresses.remember(rows=[_row(customer)])
    again = addresses.remember(
        rows=[
            _row(customer, line1="12  HIGH street", postal_code="ls14ap", phone="+44 113 496 0000")
        ]
    )

    assert (first, again) == (1, 0)
    assert Address.objects.get(customer=customer).line1 == "12 High Street"


@pytest.mark.django_db
def test_the_same_rows_twice_in_one_call_are_one():
    customer = CustomerFactory.create()
    assert addresses.remember(rows=[_row(customer), _row(customer)]) == 1


@pytest.mark.django_db
def test_two_customers_may_live_at_one_address():
    assert (
        addresses.remember(rows=[_row(CustomerFactory.create()), _row(CustomerFactory.create())])
        == 2
    )


@pytest.mark.django_db
def test_another_house_is_another_address():
    customer = CustomerFactory.create()
    assert addresses.remember(rows=[_row(customer), _row(customer, line1="13 High Street")]) == 2


@pytest.mark.django_db
def test_a_failed_check_is_kept_and_marked():
    customer = CustomerFactory.create()
    addresses.remember(rows=[_row(customer, postal_code="12345", country="GB")])

    kept = Address.objects.get(customer=customer)
    assert not kept.is_valid
    assert kept.problems == [{"field": "postal_code", "code": "invalid"}]
    assert kept.postal_code == "12345"


@pytest.mark.django_db
def test_a_country_that_is_none_is_kept_as_a_problem():
    customer = CustomerFactory.create()
    addresses.remember(rows=[_row(customer, country="Germany")])

    kept = Address.objects.get(customer=customer)
    assert kept.country == ""
    assert {"field": "country", "code": "invalid"} in kept.problems


@pytest.mark.django_db
def test_nothing_to_remember_is_fine():
    assert addresses.remember(rows=[]) == 0


@pytest.mark.django_db
def test_what_is_longer_than_the_book_is_wide_is_cut():
    customer = CustomerFactory.create()
    addresses.remember(rows=[_row(customer, postal_code="ß" * 20, phone="x" * 40)])

    kept = Address.objects.get(customer=customer)
    assert (len(kept.postal_code), len(kept.phone)) == (20, 32)
