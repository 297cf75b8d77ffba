"""Barcodes: check digits and keys, also against published GS1 vectors where they are at hand."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import barcodes

VECTORS = Path(__file__).parents[2].parent / "shared" / "data" / "gs1" / "barcode_vectors_a.json"
DIGITS = "0123456789"


@pytest.mark.parametrize(
    "code", ["73513537", "042100005264", "5012345678900", "9780471117094", "98412345678908"]
)
def test_a_gtin_of_every_length_is_known(code):
    assert barcodes.is_gtin(code)
    assert not barcodes.is_gtin(code[:-1] + str((int(code[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "code", ["", "5012345678901", "50123456789", "501-2345678900", "٥٠١٢٣٤٥٦٧٨٩٠٠", "85123A"]
)
def test_other_codes_are_no_gtin(code):
    assert not barcodes.is_gtin(code)


def test_an_sscc_has_18_digits_and_a_check_digit():
    assert barcodes.is_sscc("157035381410375177")
    assert not barcodes.is_sscc("157035381410375178")
    assert not barcodes.is_sscc("5012345678900")
    assert not barcodes.is_gtin("157035381410375177")


def test_check_digit_completes_a_number():
    assert barcodes.check_digit("501234567890") == "0"
    assert barcodes.check_digit("15703538141037517") == "7"
    for wrong in ("", "50123456789X", "५०"):
        with pytest.raises(ValueError, match="not digits"):
            barcodes.check_digit(wrong)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" 5 012345 678900\n", "5012345678900"),
        ("978-0-471-11709-4", "9780471117094"),
        ("".join(chr(ord(digit) + 0xFEE0) for digit in "73513537"), "73513537"),  # full-width
        ("  85123-a ", "85123-a"),
        ("501-2345678901", "501-2345678901"),
        ("TEA 12 34", "TEA 12 34"),
    ],
)
def test_normalise_tidies_a_gtin_and_leaves_other_codes(text, code):
    assert barcodes.normalise(text) == code


def test_one_article_has_one_key_however_it_is_written():
    assert barcodes.key("042100005264") == barcodes.key("0042100005264") == "00042100005264"
    assert barcodes.key("5012345678900") == barcodes.key("0501 2345 6789 00") == "05012345678900"
    assert barcodes.key("85123a") == barcodes.key(" 85123A ") == "85123A"


def test_a_case_is_another_code_than_its_piece():
    case = "1501234567890"
    case += barcodes.check_digit(case)
    assert barcodes.key(case) == case != barcodes.key("5012345678900")


def test_a_house_number_is_not_padded():
    assert barcodes.key("12345678") == "12345678"
    assert barcodes.key("0012") == "0012"


def test_a_wrong_check_digit_is_noticed_where_a_gtin_was_meant():
    assert barcodes.is_mistyped("5012345678901")
    assert barcodes.is_mistyped("5-012345-678901")
    assert not any(map(barcodes.is_mistyped, ["5012345678900", "12345678", "85123A", ""]))


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text(DIGITS, min_size=n, max_size=n)))
def test_any_completed_number_is_a_gtin_with_a_stable_key(digits):
    code = digits + barcodes.check_digit(digits)
    assert barcodes.is_gtin(code)
    assert barcodes.key(code) == barcodes.key(barcodes.key(code))
    assert int(barcodes.key(code)) == int(code)


@given(st.text())
def test_any_text_has_a_stable_key(text):
    assert barcodes.normalise(barcodes.normalise(text)) == barcodes.normalise(text)
    assert barcodes.key(barcodes.normalise(text)) == barcodes.key(text)


@pytest.mark.skipif(not VECTORS.exists(), reason="no GS1 vectors at ../shared/data/gs1")
def test_published_numbers_are_read_alike():
    vectors = json.loads(VECTORS.read_text())
    bare = [one for one in vectors if one["value"].strip().isdigit() and not one.get("elements")]
    gtins = [one for one in bare if one.get("gtin") and len(one["value"].strip()) > 8]  # no UPC-E
    ssccs = [one for one in bare if one.get("sscc")]
    assert gtins
    assert ssccs
    for one in gtins:
        assert barcodes.key(one["value"]) == one["gtin"]["as_gtin_14"], one["value"]
    assert all(barcodes.is_sscc(one["sscc"]["value"]) for one in ssccs)
