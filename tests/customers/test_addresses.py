"""Addresses: tidied and checked per country, nothing dropped."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import addresses

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "addresses" / "countryinfo.txt"


def address(**changes):
    london = {
        "name": "Jo Bloggs",
        "line1": "221b Baker Street",
        "city": "London",
        "postal_code": "NW1 6XE",
        "country": "GB",
    }
    return london | changes


def problems(**changes):
    return [(one.field, one.code) for one in addresses.check(address(**changes)).problems]


def test_a_good_address_is_kept_with_every_field():
    checked = addresses.check(address())
    assert checked.ok
    assert tuple(checked.address) == addresses.FIELDS
    assert checked.address == {**address(), "company": "", "line2": "", "region": "", "phone": ""}


def test_the_words_stay_and_blanks_country_and_postcode_are_tidied():
    checked = addresses.check(
        address(city=" Stoke  on\tTrent ", postal_code="st4  2qq", country="uk", line2=None)
    )
    assert checked.ok
    assert checked.address["city"] == "Stoke on Trent"
    assert checked.address["postal_code"] == "ST4 2QQ"
    assert checked.address["country"] == "GB"
    assert checked.address["line2"] == ""


def test_text_is_composed():
    assert addresses.check(address(city="Mu\u0308nchen")).address["city"] == "M\u00fcnchen"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"postal_code": "NW1"}, [("postal_code", "invalid")]),
        ({"postal_code": "SW1A 1AAX"}, [("postal_code", "invalid")]),
        ({"postal_code": ""}, [("postal_code", "required")]),
        ({"line1": " ", "city": ""}, [("line1", "required"), ("city", "required")]),
        ({"name": ""}, [("name", "required")]),
        ({"name": "", "company": "Holmes Ltd"}, []),
        ({"country": ""}, [("country", "required")]),
        ({"country": "England"}, [("country", "invalid")]),
        ({"country": "ZZ"}, [("country", "invalid")]),
        ({"region": "Middlesex"}, []),
        ({"country": "IE", "city": "Dublin", "postal_code": ""}, []),
        ({"country": "HK", "city": "Central", "postal_code": "", "region": "Kowloon"}, []),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes, expected):
    assert problems(**changes) == expected


@pytest.mark.parametrize("region", ["NY", "ny", "New York", "US-NY"])
def test_a_region_counts_by_name_or_code(region):
    assert problems(country="US", city="New York", region=region, postal_code="10001") == []


@pytest.mark.parametrize(
    ("country", "region", "postal_code"),
    [
        ("ES", "Alava", "01001"),
        ("IT", "Roma", "00184"),
        ("IT", "RM", "00184"),
        ("MX", "AGU", "20000"),
        ("BR", "Sao Paulo", "01310-100"),
        ("JP", "Tokyo", "150-0001"),
        ("JP", "13", "150-0001"),
        ("CN", "Anhui", "230000"),
        ("KR", "Gyeonggi", "11759"),
        ("CA", "Québec", "H2X 1Y4"),
        ("AU", "New South Wales", "2000"),
    ],
)
def test_regions_are_known_as_customers_write_them(country, region, postal_code):
    assert problems(country=country, region=region, postal_code=postal_code) == []


def test_regions_that_are_missing_wrong_or_elsewhere():
    there = {"country": "US", "city": "New York", "postal_code": "10001"}
    assert problems(**there) == [("region", "required")]
    assert problems(**there, region="Kent") == [("region", "invalid")]
    assert problems(**there, region="CA") == [("postal_code", "invalid")]
    assert problems(**there, region="New") == [("region", "invalid")]


def test_countries_and_postcode_keys():
    assert addresses.is_country("GB")
    assert addresses.is_country("XK")
    assert not any(addresses.is_country(code) for code in ("gb", "UK", "ZZ", "", "GBR"))
    assert addresses.country_code(" el ") == "GR"
    assert addresses.postal_key("sw1a 1aa") == addresses.postal_key("SW1A1AA") == "SW1A1AA"
    assert addresses.postal_key("1000-001") == "1000001"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["Jo Bloggs", "221b Baker Street", "London", "NW1 6XE", "UNITED KINGDOM"]),
        (
            {
                "company": "Acme",
                "line2": "Floor 2",
                "city": "New York",
                "region": "NY",
                "postal_code": "10001",
                "country": "US",
            },
            [
                *("Jo Bloggs", "Acme", "221b Baker Street", "Floor 2", "New York, NY 10001"),
                "UNITED STATES",
            ],
        ),
        (
            {"city": "Köln", "postal_code": "50667", "country": "DE"},
            ["Jo Bloggs", "221b Baker Street", "50667 Köln", "GERMANY"],
        ),
        (
            {"city": "", "postal_code": "", "country": "Narnia"},
            ["Jo Bloggs", "221b Baker Street", "NARNIA"],
        ),
    ],
)
def test_lines_follow_the_country(changes, expected):
    assert addresses.lines(addresses.check(address(**changes)).address) == expected


FREE = st.text(max_size=20)


@given(
    st.fixed_dictionaries(
        {field: FREE for field in addresses.FIELDS if field != "country"}
        | {"country": st.sampled_from(["GB", "US", "CA", "ES", "JP", "TD", "XX", ""]) | FREE}
    )
)
def test_any_text_is_checked_and_stays_as_it_was_tidied(given_address):
    checked = addresses.check(given_address)
    assert addresses.check(checked.address) == checked
    assert all("\n" not in line and line for line in addresses.lines(checked.address))


@pytest.mark.skipif(not SAMPLES.exists(), reason="no samples at ../shared/data/addresses")
def test_every_sample_postcode_fits_its_country():
    rows = [line.partition("=") for line in SAMPLES.read_text("utf-8").splitlines()]
    countries = {key[5:]: json.loads(text) for key, _, text in rows if len(key) == len("data/GB")}
    refused, seen = [], 0
    for code, country in countries.items():
        for sample in filter(None, country.get("zipex", "").split(",")):
            found = addresses.check(address(country=code, postal_code=sample)).problems
            refused += [(code, sample) for one in found if one.field == "postal_code"]
            seen += 1
    assert seen > 400
    assert {code for code, _ in refused} <= {"BY", "EC", "EE", "GB", "KR", "SO"}  # since changed
    assert [sample for code, sample in refused if code == "GB"] == ["RH6 OHP"]  # an O for a 0


def test_the_key_of_a_postcode_is_never_longer_than_its_column() -> None:
    assert addresses.postal_key("ß" * 20) == "SS" * 10
