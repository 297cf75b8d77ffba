"""VAT numbers: one spelling, and the check digits of each country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import vat


@pytest.mark.parametrize(
    ("number", "country", "normalised"),
    [
        ("ATU 57194903", "AT", "ATU57194903"),
        ("u57194903", "AT", "ATU57194903"),
        ("BE697449992", "BE", "BE0697449992"),
        ("FR 61 954 506 077", "", "FR61954506077"),
        ("136695976", "DE", "DE136695976"),
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("980.780.684", "GB", "GB980780684"),
        ("980780684", "IM", "GB980780684"),
        ("XI980780684", "GB", "XI980780684"),
        ("EL023456780", "GR", "EL023456780"),
        ("GR 023456780", "GR", "EL023456780"),
        ("023456780", "GR", "EL023456780"),
        ("53000004605", "MC", "FR53000004605"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
        ("995525828MVA", "NO", "NO995525828MVA"),
        ("ATU57194903", "DE", "ATU57194903"),  # registered elsewhere
    ],
)
def test_a_well_formed_number_is_written_one_way(number, country, normalised):
    assert vat.check(number, country) == (normalised, True)
    assert vat.check(normalised, country) == (normalised, True)


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("DE 136 695 977", "DE", "DE136695977"),
        ("136695976", "", "136695976"),
        ("136695976", "FR", "136695976"),
        ("12-3456789", "US", "123456789"),
        ("GB123", "GB", "GB123"),
        ("", "DE", ""),
        ("n/a", "GB", "NA"),
        ("136695976", "../de", "136695976"),
    ],
)
def test_any_other_is_kept_and_not_valid(number, country, kept):
    assert vat.check(number, country) == (kept, False)


@given(st.text(max_size=30), st.sampled_from(["", "GB", "DE", "CH", "US", "ES", "IT", "NL", "IE"]))
def test_no_text_breaks_it(number, country):
    normalised, valid = vat.check(number, country)
    if valid:
        assert vat.check(normalised, country) == (normalised, True)
