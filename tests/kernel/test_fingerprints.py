"""The same content is recognised however it is spelled, other content never."""

from decimal import Decimal

import pytest

from config.kernel import fingerprints

ORDER = {"reference": "1", "total_amount": "10.50", "lines": [{"sku": "A", "unit_price": "2.5"}]}


def of(**changes):
    return fingerprints.of("POST /orders/", ORDER | changes)


@pytest.mark.parametrize("amount", ["10.5", "10.500", Decimal("10.5"), Decimal("10.50")])
def test_the_spelling_of_amounts_does_not_matter(amount):
    assert of(total_amount=amount) == of()


def test_the_order_of_names_does_not_matter_and_that_of_lines_does():
    lines = [{"unit_price": 2, "sku": "A"}, {"sku": "B", "unit_price": "3"}]
    turned = [{"sku": "A", "unit_price": "2.00"}, {"unit_price": "3", "sku": "B"}]
    assert of(lines=lines) == of(lines=turned)
    assert of(lines=lines) != of(lines=turned[::-1])


@pytest.mark.parametrize(
    "changes",
    [
        {"total_amount": "10.51"},
        {"total_amount": "-10.50"},
        {"total_amount": "\u0662.\u0665"},
        {"reference": "1.0"},
        {"reference": 1},
        {"extra": None},
        {"lines": []},
    ],
)
def test_other_content_is_another_fingerprint(changes):
    assert of(**changes) != of()


def test_texts_that_look_like_numbers_stay_texts():
    assert of(reference="1.0") != of(reference="1.00")


def test_the_route_belongs_to_it():
    assert fingerprints.of("POST /a/", ORDER) != fingerprints.of("POST /b/", ORDER)


def test_exponents_are_numbers_too():
    assert of(total_amount=Decimal("1E+3")) == of(total_amount="1000")
    assert of(total_amount=Decimal("0E+30")) == of(total_amount="0")
