"""`GET /api/v1/customers/`: one's own customers by what one knows, nobody else's."""

import pytest

from config.kernel import keys
from customers.models import Customer
from customers.services import merging
from tests.factories.customers import CustomerFactory
from tests.factories.orders import AT, STAFF, Shop

PATH = "/api/v1/customers/"


@pytest.fixture
def ann(shop: Shop) -> Customer:
    shop.put("MUG", 5)
    shop.place()
    return Customer.objects.get()


def test_a_customer_is_found_by_reference_and_by_email(shop: Shop, ann: Customer) -> None:
    by_reference = shop.get(PATH, reference="17850")
    by_email = shop.get(PATH, email=" Ann@Example.TEST ")

    assert by_reference.json() == by_email.json()
    (shown,) = by_reference.json()["results"]
    assert shown.pop("created_at").endswith("Z")
    assert shown.pop("updated_at").endswith("Z")
    assert shown == {
        "id": str(ann.pk), "references": ["17850"], "name": "Ann Example", "company": "",
        "email": "ann@example.test", "phone": "", "vat_number": "", "language": "",
        "is_blocked": False, "version": 1,
    }  # fmt: skip


def test_nobody_is_an_empty_answer(shop: Shop, ann: Customer) -> None:  # noqa: ARG001
    for params in ({"reference": "1785"}, {"email": "ann@example.tes"}, {"email": "nobody"}):
        assert shop.get(PATH, **params).json() == {"results": [], "next": None}


def test_another_channels_customer_is_nobody(shop: Shop, ann: Customer) -> None:
    other = Shop(warehouse=shop.warehouse)

    assert other.get(PATH, reference="17850").json()["results"] == []
    assert other.get(PATH, email=ann.email).json()["results"] == []


def test_who_was_merged_is_the_one_who_stays_under_this_channels_names(
    shop: Shop, ann: Customer
) -> None:
    survivor = CustomerFactory(name="Anne")
    merging.merge(survivor=survivor, duplicate=ann, reason="same person", actor=STAFF, at=AT)
    (shown,) = shop.get(PATH, reference="17850").json()["results"]

    assert (shown["id"], shown["name"], shown["references"]) == (
        str(survivor.pk), "Anne", ["17850"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [
        {}, {"reference": "1", "email": "a@b.c"}, {"name": "Ann"}, {"reference": "1", "limit": "5"},
        {"reference": "x" * 255}, {"email": "a\x00@b.c"},
    ],
)  # fmt: skip
def test_nonsense_is_400(shop: Shop, params: dict[str, str]) -> None:
    answer = shop.get(PATH, **params)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_people_are_shown_to_keys_that_may_see_them(shop: Shop) -> None:
    _, shop.key = keys.create(channel=shop.channel, name="usual")
    refused = shop.get(PATH, reference="17850")
    assert (refused.status_code, refused.json()["scope"]) == (403, "customers:read")
