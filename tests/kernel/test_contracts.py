"""Contracts refuse what they do not know and name every fault with its path."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import Field

from config.kernel import contracts
from config.kernel.contracts import Amount, Contract, Currency, Day, Flag, Moment, Rate, UnitPrice
from config.kernel.errors import Invalid


class Line(Contract):
    sku: Annotated[str, contracts.SingleLine, Field(min_length=1, max_length=8, strict=True)]
    quantity: contracts.Quantity
    unit_price: UnitPrice = Decimal(0)


class Thing(Contract):
    lines: list[Line] = []
    name: Annotated[str, contracts.SingleLine, Field(max_length=10, strict=True)] = ""
    note: Annotated[str, contracts.MultipleLines, Field(max_length=40, strict=True)] = ""
    amount: Amount = Decimal(0)
    rate: Rate = Decimal(0)
    at: Moment | None = None
    on: Day | None = None
    currency: Currency = "GBP"
    urgent: Flag = False


def check(**fields):
    return contracts.check(Thing, fields)


def faults(**fields):
    with pytest.raises(Invalid) as refused:
        check(**fields)
    assert refused.value.status == 422
    return {(fault.path, fault.code) for fault in refused.value.faults}


class TestFaults:
    def test_all_come_at_once_each_with_its_path(self):
        found = faults(
            lines=[{"sku": "A", "quantity": 0}, {"quantity": 1, "colour": "red"}],
            currency="eur",
            is_staff=True,
        )
        assert found == {
            ("$.lines[0].quantity", "greater_than_equal"),
            ("$.lines[1].sku", "required"),
            ("$.lines[1].colour", "unknown_field"),
            ("$.currency", "currency"),
            ("$.is_staff", "unknown_field"),
        }

    @pytest.mark.parametrize("name", ["status", "channel_id", "is_staff", "unit_cost"])
    def test_a_field_nobody_asked_for_is_named(self, name):
        assert faults(**{name: 1}) == {(f"$.{name}", "unknown_field")}

    def test_a_contract_cannot_be_changed_afterwards(self):
        with pytest.raises(Exception, match="frozen"):
            check().name = "x"


class TestCounts:
    @pytest.mark.parametrize(
        "value",
        [
            0,
            -1,
            1_000_001,
            2**31,
            True,
            "2",
            "2 ",
            Decimal("1.5"),
            Decimal("2.0"),
            2.0,
            None,
            [],
            {},
        ],
    )
    def test_what_is_no_count_in_range_is_refused(self, value):
        ((path, _),) = faults(lines=[{"sku": "A", "quantity": value}])
        assert path == "$.lines[0].quantity"

    def test_whole_numbers_are_taken(self):
        assert check(lines=[{"sku": "A", "quantity": 1_000_000}]).lines[0].quantity == 1_000_000


class TestAmounts:
    @pytest.mark.parametrize(
        ("value", "amount"),
        [("2.55", "2.55"), ("0", "0"), (3, "3"), (Decimal("1.005"), "1.005"), ("9.9900", "9.99")],
    )
    def test_decimal_strings_and_numbers_are_taken(self, value, amount):
        assert check(amount=value).amount == Decimal(amount)

    @pytest.mark.parametrize(
        "value",
        [
            "-0.01", -1, "1,50", "£1", "", " 1", "1 ", "1e3", "+1", ".5", "1.", "NaN",
            "\u0662.\u0665", "\uff11",
            True, None, 1.5, [], "1" * 16, 10**15, "19.9999",
        ],
    )  # fmt: skip
    def test_other_texts_and_too_fine_or_negative_amounts_are_refused(self, value):
        ((path, _),) = faults(amount=value)
        assert path == "$.amount"

    def test_unit_prices_may_be_finer_than_amounts(self):
        line = {"sku": "A", "quantity": 1, "unit_price": "0.123456"}
        assert check(lines=[line]).lines[0].unit_price == Decimal("0.123456")
        ((path, _),) = faults(lines=[line | {"unit_price": "0.1234567"}])
        assert path == "$.lines[0].unit_price"

    @pytest.mark.parametrize("value", ["100.0001", "-1", "20.00001"])
    def test_rates_are_percentages(self, value):
        assert faults(rate=value)


class TestMoments:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-22T10:00:00Z",
            "2026-11-22t10:00:00z",
            "2026-11-22T11:00:00+01:00",
            "2026-11-22 05:00-05:00",
            "2026-11-22T10:00:00.000000+0000",
        ],
    )
    def test_a_moment_with_its_offset_becomes_utc(self, text):
        assert check(at=text).at == datetime(2026, 11, 22, 10, tzinfo=UTC)
        assert check(at=text).at.tzinfo is UTC

    @pytest.mark.parametrize(
        "value",
        [
            "2026-02-30T10:00:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22",
            "2026-11-22T10:00:00+25:00",
            "2026-11-22T24:30:00Z",
            "2026-11-22T10:00:60Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "1989-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z",
            "٢٠٢٦-11-22T10:00:00Z",
            "yesterday",
            "",
            1763805600,
            True,
            [],
        ],
    )
    def test_other_moments_are_refused(self, value):
        assert faults(at=value) == {("$.at", "moment")}

    def test_a_day_is_a_day(self):
        assert check(on="2028-02-29").on == date(2028, 2, 29)

    @pytest.mark.parametrize("value", ["2027-02-29", "20270228", "2027-2-8", "1989-01-01", 1, None])
    def test_other_days_are_refused(self, value):
        if value is None:
            assert check(on=None).on is None
        else:
            assert faults(on=value) == {("$.on", "date")}


class TestText:
    def test_text_is_trimmed_and_composed(self):
        assert check(name="  Zoe\u0308 ").name == "Zoë"

    @pytest.mark.parametrize("value", ["a\r\nb", "a\x00", "a\tb", "a\u2028b", "\x7f"])
    def test_one_line_holds_no_control_characters(self, value):
        assert faults(name=value) == {("$.name", "control_character")}

    def test_a_paragraph_may_have_lines_but_no_other_control_characters(self):
        assert check(note="a\r\nb\tc").note == "a\r\nb\tc"
        assert faults(note="a\x00b") == {("$.note", "control_character")}

    def test_length_is_counted_after_composing(self):
        assert check(name="e\u0301" * 10).name == "é" * 10
        assert faults(name="x" * 11) == {("$.name", "too_long")}
        assert faults(lines=[{"sku": "  ", "quantity": 1}]) == {("$.lines[0].sku", "too_short")}

    def test_towers_of_marks_are_cut_to_a_readable_height(self):
        assert len(check(note="Z" + "\u0301" * 5000).note) <= 9

    @pytest.mark.parametrize("value", [1, True, None, ["x"], {"x": 1}, Decimal(1)])
    def test_what_is_no_text_is_refused(self, value):
        assert faults(name=value) == {("$.name", "string_type")}

    def test_other_scripts_emoji_and_markup_are_just_text(self):
        for value in ("😀👩‍🚀", "שלום", "<b>{{7*7}}", "${7*7}"):
            assert check(name=value).name == value


@pytest.mark.parametrize("value", ["eur", "EURO", "", "XXZ", None, 1, " GBP"])
def test_a_currency_is_an_iso_code_in_capitals(value):
    assert faults(currency=value) == {("$.currency", "currency")}


@pytest.mark.parametrize("value", [0, 1, "true", "yes", None])
def test_a_flag_is_true_or_false(value):
    ((path, _),) = faults(urgent=value)
    assert path == "$.urgent"
