"""Phone numbers in E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import phones


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "", "+442079460958"),
        ("0044 20 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "DE", "+442079460958"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("0171/1234567", "DE", "+491711234567"),
        ("020 7946 0958 ext 12", "GB", "+442079460958"),
        ("06 12345678", "NL", "+31612345678"),
    ],
)
def test_a_number_is_read_as_dialled_in_its_country(text, country, number):
    assert phones.e164(text, country) == number
    assert phones.normalise(text, country) == number
    assert phones.e164(number, "") == number


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("", "GB"),
        ("call me", "GB"),
        ("12", "GB"),
        ("555-0100", "US"),
        ("020 7946 0958", ""),
        ("020 7946 0958", "XX"),
        ("+" + "1" * 400, "US"),
        ("+999 12345678", ""),
    ],
)
def test_what_cannot_be_a_number_is_none(text, country):
    assert phones.e164(text, country) is None


def test_normalise_keeps_what_cannot_be_a_number():
    assert phones.normalise("  ask  for Jo ", "GB") == "ask for Jo"
    assert phones.normalise(" ", "GB") == ""


@given(st.text(max_size=40), st.sampled_from(["", "GB", "US", "DE", "JP"]))
def test_any_text_gives_a_number_that_stays_or_none(text, country):
    number = phones.e164(text, country)
    if number is not None:
        assert number.startswith("+")
        assert number[1:].isdigit()
        assert phones.e164(number, country) == number
