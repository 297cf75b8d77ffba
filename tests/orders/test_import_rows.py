"""Mappings, rules and rows: what a file's cells mean, and what is refused with which reason."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from config.kernel.uploads.errors import Unreadable
from orders.imports import mapping, rows
from orders.imports.errors import BadMapping

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HEADER = ["Order", "When", "Item", "Qty", "Price", "Buyer", "State", "Land"]
BASE = """
[columns]
reference = "Order"
at = "When"
sku = "Item"
quantity = "Qty"
unit_price = "Price"
customer = "Buyer"
country = "Land"
[values]
currency = "GBP"
time_zone = "Europe/London"
"""
RULES = """
[skus]
fold = "upper"
non_stock = ["post"]
[[rules]]
when = { cells = { State = ["Cancelled", "void"] } }
then = "refuse"
reason = "cancelled"
[[rules]]
when = { reference_prefix = ["C", "R"] }
then = "credit"
[[rules]]
when = { quantity = "negative", stocked = true }
then = "correction"
[[rules]]
when = { unit_price = "zero", customer = false }
then = "correction"
[[rules]]
when = { sku = "gift", unit_price = "positive" }
then = "refuse"
reason = "gifts are free"
[[rules]]
when = { quantity = "positive" }
then = "order"
"""


def reader(text=BASE + RULES, header=HEADER):
    return rows.RowReader(mapping.parse(text), header, NOW)


def row(text=BASE + RULES, **cells):
    usual = {
        "Order": "1", "When": "2010-12-01 08:26:00", "Item": "tea", "Qty": "2", "Price": "2.55",
        "Buyer": "7", "State": "", "Land": "United Kingdom",
    }  # fmt: skip
    return reader(text).read(5, list((usual | cells).values()))


def fault(text=BASE + RULES, **cells):
    found = row(text, **cells)
    assert found.kind == rows.REFUSED
    assert found.is_bad
    return found.error, found.detail["field"], found.detail["value"]


def test_a_row_is_read_into_values():
    found = row(Buyer=" 17850 ", Item="85123a")
    assert (found.number, found.kind, found.reference) == (5, "order", "1")
    assert found.at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert found.line == rows.Line(
        sku="85123A", quantity=2, unit_price=Decimal("2.55"), currency="GBP", customer="17850",
        country="GB",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({}, "order"),
        ({"Order": "C1", "Qty": "-2"}, "credit"),
        ({"Order": "R1"}, "credit"),
        ({"Qty": "-2"}, "correction"),
        ({"Price": "0", "Buyer": ""}, "correction"),
        ({"Price": "0"}, "order"),
        ({"Item": "GIFT", "Price": "0"}, "order"),
    ],
)
def test_the_first_rule_that_fits_decides(cells, kind):
    assert row(**cells).kind == kind


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"State": "VOID"}, "cancelled"),
        ({"State": "cancelled", "Order": "C1"}, "cancelled"),
        ({"Item": "Gift"}, "gifts are free"),
    ],
)
def test_a_rule_may_refuse_with_its_own_reason(cells, reason):
    found = row(**cells)
    assert (found.kind, found.error, found.detail) == ("refused", "rule", {"reason": reason})
    assert not found.is_bad


def test_non_stock_codes_are_folded_like_the_skus():
    assert row(Item="Post").line.charge
    assert not row(Item="Poster").line.charge
    assert fault(Item="post", Qty="-1") == ("no_rule", "Order", "1")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Order": " "}, ("missing", "Order", "")),
        ({"Order": "x" * 121}, ("too_long", "Order", "x" * 80)),
        ({"Item": ""}, ("missing", "Item", "")),
        ({"Item": "a\x00b"}, ("control_character", "Item", "'a\\x00b'")),
        ({"Qty": ""}, ("missing", "Qty", "")),
        ({"Qty": "1.5"}, ("not_whole", "Qty", "1.5")),
        ({"Qty": "six"}, ("not_a_number", "Qty", "six")),
        ({"Qty": "NaN"}, ("not_a_number", "Qty", "NaN")),
        ({"Qty": "1e400"}, ("not_a_number", "Qty", "1e400")),
        ({"Qty": "9" * 5000}, ("not_a_number", "Qty", "9" * 80)),
        ({"Qty": "2147483648"}, ("out_of_range", "Qty", "2147483648")),
        ({"Qty": "0", "Order": "C1"}, ("no_quantity", "Qty", "0")),
        ({"Qty": "0"}, ("no_rule", "Order", "1")),
        ({"Price": ""}, ("missing", "Price", "")),
        ({"Price": "2,55"}, ("not_a_number", "Price", "2,55")),
        ({"Price": "-1"}, ("negative_price", "Price", "-1")),
        ({"Price": "0.1234567"}, ("too_precise", "Price", "0.1234567")),
        ({"Price": "0", "Buyer": "", "Item": "post"}, ("not_stocked", "Item", "POST")),
        ({"Land": "Atlantis"}, ("unknown_country", "Land", "Atlantis")),
        ({"When": ""}, ("missing", "When", "")),
        ({"When": "2010-02-30 08:00:00"}, ("not_a_time", "When", "2010-02-30 08:00:00")),
        ({"When": "01/12/2010"}, ("not_a_time", "When", "01/12/2010")),
        ({"When": "0001-01-01 00:00:00"}, ("too_long_ago", "When", "0001-01-01 00:00:00")),
        ({"When": "9999-12-31 23:59:59"}, ("in_the_future", "When", "9999-12-31 23:59:59")),
        ({"When": "2026-11-23 12:00:01"}, ("in_the_future", "When", "2026-11-23 12:00:01")),
        ({"When": "2010-03-28 01:30:00"}, ("time_does_not_exist", "When", "2010-03-28 01:30:00")),
    ],
)
def test_what_cannot_be_read_is_refused_naming_column_and_value(cells, expected):
    assert fault(**cells) == expected


def test_of_an_hour_that_happens_twice_the_first_is_taken():
    assert row(When="2010-10-31 01:30:00").at == datetime(2010, 10, 31, 0, 30, tzinfo=UTC)


def test_summer_time_is_an_hour_ahead_and_an_offset_wins():
    assert row(When="2010-07-01 09:00:00").at == datetime(2010, 7, 1, 8, 0, tzinfo=UTC)
    text = BASE.replace("[values]", '[values]\ntime_formats = ["%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z"]')
    assert row(text, When="2010-07-01T09:00:00+0530").at.hour == 3
    assert row(text, When="01.12.2010").at == datetime(2010, 12, 1, tzinfo=UTC)


def test_decimal_commas_and_grouping_marks():
    text = BASE.replace("[values]", '[values]\ndecimal_mark = ","\nthousands_mark = "."')
    line = row(text, Price="1.234,50", Qty="2.000").line
    assert (line.unit_price, line.quantity) == (Decimal("1234.50"), 2000)
    plain = BASE.replace("[values]", '[values]\ndecimal_mark = ","')
    assert fault(plain, Price="1.50") == ("not_a_number", "Price", "1.50")


def test_typed_cells_of_a_spreadsheet():
    when = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - a spreadsheet knows no zones
    found = row(
        Order=536365.0, When=when, Item=71053.0, Qty=6.0, Price=1.1500000000000001, Buyer=7.0
    )
    assert (found.reference, found.line.sku, found.line.customer) == ("536365", "71053", "7")
    assert (found.line.quantity, found.line.unit_price) == (6, Decimal("1.15"))
    assert fault(Qty=True) == ("not_a_number", "Qty", "True")


def test_short_rows_read_as_if_filled_with_blanks():
    found = reader().read(2, ["1", "2010-12-01 08:26:00", "tea", "2", "2.55"])
    assert (found.kind, found.line.customer, found.line.country) == ("order", "", "")


def test_whole_numbers_lose_their_empty_fraction():
    text = BASE.replace("[values]", '[values]\nwhole_numbers = ["customer"]')
    assert row(text, Buyer="17850.0").line.customer == "17850"
    assert row(text, Buyer="17850.5").line.customer == "17850.5"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("gb", "GB"),
        ("germany", "DE"),
        ("EIRE", "IE"),
        ("Hong Kong", "HK"),
        ("Nowhere", ""),
        ("", ""),
    ],
)
def test_countries_by_code_by_name_and_by_the_mappings_own_names(given, code):
    text = BASE + '[countries]\n"EIRE" = "IE"\n"Nowhere" = ""\n'
    assert row(text, Land=given).line.country == code


def test_text_is_composed_trimmed_and_long_descriptions_are_cut():
    text = BASE.replace("[values]", 'description = "State"\n[values]')
    assert row(text, State=" Kaffee\u0301 \t heiß \n").line.description == "Kaffeé heiß"
    assert len(row(text, State="x" * 5000).line.description) == 300


def test_the_currency_may_stand_in_the_file():
    text = BASE.replace("[values]", 'currency = "State"\n[values]')
    assert row(text, State="eur").line.currency == "EUR"
    assert row(text, State="").line.currency == "GBP"
    assert fault(text, State="XXX") == ("unknown_currency", "State", "XXX")


def test_a_column_that_is_missing_or_double_is_named():
    with pytest.raises(Unreadable, match="exactly once: Buyer, Qty"):
        reader(header=["Order", "When", "Item", "Price", "Land", "Buyer", "Buyer", "State"])
    with pytest.raises(Unreadable, match="State"):
        reader(header=[*HEADER[:6], "Land"])


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[columns", "not TOML"),
        ("", "columns: Field required"),
        ("[columns]\nsku = 'x'\n", "columns.reference: Field required"),
        (BASE + "speed = 1", "values.speed: Extra inputs are not permitted"),
        (BASE.replace("Europe/London", "Europe/Londres"), "there is no time zone"),
        (BASE.replace("GBP", "GBX"), "there is no currency 'GBX'"),
        (BASE.replace('currency = "GBP"', ""), "name a currency"),
        (BASE.replace("[values]", "[values]\ndecimal_mark = ','\nthousands_mark = ','"), "differ"),
        (BASE.replace("[values]", "[values]\nwhole_numbers = ['email']"), "names no column: email"),
        (BASE + "[file]\nencoding = 'utf-99'", "there is no encoding 'utf-99'"),
        (BASE + "[[rules]]\nthen = 'refuse'", "a refusal needs a reason"),
        (BASE + "[[rules]]\nthen = 'order'\nwhen = { price = 'zero' }", "rules.0.when.price"),
    ],
)
def test_a_mapping_says_everything_that_is_wrong_with_it(text, faults):
    with pytest.raises(BadMapping, match=faults.replace("(", r"\(")):
        mapping.parse(text)


def test_two_faults_of_a_mapping_are_told_at_once():
    with pytest.raises(BadMapping) as raised:
        mapping.parse("[columns]\nreference = 'x'\n[values]\ncurrency = 'nope'")
    assert len(raised.value.faults) == 5


def test_mappings_that_say_the_same_have_one_digest():
    assert mapping.parse(BASE).digest() == mapping.parse("# a word\n" + BASE).digest()
    assert mapping.parse(BASE).digest() != mapping.parse(BASE + RULES).digest()
