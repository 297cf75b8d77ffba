"""The worked example, read without a database: its rules tell a real company's rows apart."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from config.kernel.uploads import files, tables
from orders.imports import mapping, rows

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared/data/online_retail/online_retail_2010-12_2011-01.csv.gz"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"the real records are not there: ../{FILE.relative_to(ROOT.parent)}"
)


@pytest.fixture(scope="module")
def read():
    rules = mapping.parse((ROOT / "docs/examples/online_retail.toml").read_text())
    with FILE.open("rb") as raw, files.opened(raw, FILE.name) as source:
        table = tables.table(source, rules.layout())
        reader = rows.RowReader(rules, table.header, datetime.now(UTC))
        return [reader.read(number, cells) for number, cells in table.rows]


def of(read, kind):
    return [row for row in read if row.kind == kind]


def amount(found):
    return sum(row.line.quantity * row.line.unit_price for row in found)


def test_every_row_is_something(read):
    counted = {"order": 75_792, "credit": 1_429, "correction": 406, "refused": 1}
    assert Counter(row.kind for row in read) == counted
    assert len({row.reference for row in of(read, "order")}) == 2_645
    assert len({row.reference for row in of(read, "credit")}) == 586


def test_the_money_adds_up(read):
    assert amount(of(read, "order")) == Decimal("1515110.70")
    assert amount(of(read, "credit")) == Decimal("-206153.42")


def test_one_row_is_refused_with_its_reason(read):
    (refused,) = of(read, "refused")
    assert (refused.number, refused.reference, refused.line.sku) == (52_264, "540699", "POST")
    assert refused.detail == {"reason": "stock correction of something that is not stocked"}
    assert not refused.is_bad


def test_the_united_kingdom_by_itself(read):
    british = [row for row in of(read, "order") if row.line.country == "GB"]
    assert amount(british) == Decimal("1309558.96")
    assert len({row.reference for row in british}) == 2_418


def test_customers_and_guests(read):
    buyers = {row.reference: row.line.customer for row in of(read, "order")}
    assert len(set(buyers.values()) - {""}) == 1_302
    assert list(buyers.values()).count("") == 258
    assert all(buyer.isdigit() for buyer in buyers.values() if buyer)


def test_the_oddities_are_read_as_what_they_are(read):
    skus = {row.line.sku for row in read}
    assert len(skus) == 2_982
    assert all(sku == sku.upper() for sku in skus)
    assert {row.line.sku for row in read if row.line.charge} == {
        "POST", "DOT", "C2", "M", "D", "S", "BANK CHARGES", "AMAZONFEE",
    }  # fmt: skip
    descriptions = {row.line.description for row in read}
    assert all(text == text.strip() for text in descriptions)
    assert any("£" in text for text in descriptions)
    assert any('"' in text for text in descriptions)
    largest = max(of(read, "order"), key=lambda row: row.line.quantity)
    assert (largest.reference, largest.line.quantity) == ("541431", 74_215)
    free = [row for row in of(read, "order") if not row.line.unit_price]
    assert len(free) == 6
    assert {row.line.country for row in read} >= {"IE", "JE", "HK"}
