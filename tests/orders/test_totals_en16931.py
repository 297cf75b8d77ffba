"""Totals against the published EN 16931 example invoices, where they lie beside the repository."""

from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from config.kernel import money
from orders import totals

EXAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "einvoice" / "en16931"
INVOICES = sorted(EXAMPLES.glob("*.xml"))
UBL = {
    "lines": ".//{*}InvoiceLine|.//{*}CreditNoteLine",
    "quantity": ".//{*}InvoicedQuantity|.//{*}CreditedQuantity",
    "price": ".//{*}PriceAmount",
    "amount": "{*}LineExtensionAmount",
    "rate": ".//{*}ClassifiedTaxCategory/{*}Percent",
    "extras": "{*}AllowanceCharge",
    "is_charge": "{*}ChargeIndicator",
    "extra": "{*}Amount",
    "extra_rate": "{*}TaxCategory/{*}Percent",
    "tax": "{*}TaxTotal/{*}TaxAmount",
    "total": "{*}LegalMonetaryTotal/{*}TaxInclusiveAmount",
}
CII = {
    "lines": ".//{*}IncludedSupplyChainTradeLineItem",
    "quantity": ".//{*}BilledQuantity",
    "price": ".//{*}NetPriceProductTradePrice/{*}ChargeAmount",
    "amount": ".//{*}LineTotalAmount",
    "rate": ".//{*}ApplicableTradeTax/{*}RateApplicablePercent",
    "extras": ".//{*}ApplicableHeaderTradeSettlement/{*}SpecifiedTradeAllowanceCharge",
    "is_charge": "{*}ChargeIndicator/{*}Indicator",
    "extra": "{*}ActualAmount",
    "extra_rate": "{*}CategoryTradeTax/{*}RateApplicablePercent",
    "tax": ".//{*}SpecifiedTradeSettlementHeaderMonetarySummation/{*}TaxTotalAmount",
    "total": ".//{*}GrandTotalAmount",
}

pytestmark = pytest.mark.skipif(
    not INVOICES, reason="the EN 16931 examples are not at ../shared/data/einvoice/en16931"
)


def found(node, paths):
    return [hit for path in paths.split("|") for hit in node.findall(path)]


def number(node, paths, absent="0"):
    hits = found(node, paths)
    return Decimal(hits[0].text if hits else absent)


def read(path):
    root = ET.parse(path).getroot()  # noqa: S314 our own files
    return root, CII if "CrossIndustry" in root.tag else UBL


def line(node, names):
    """The line as an ask: by quantity and price where they give its amount, else as one piece."""
    quantity, price = number(node, names["quantity"]), number(node, names["price"])
    amount = number(node, names["amount"])
    rate = number(node, names["rate"])
    if quantity == int(quantity) and money.quantize(quantity * price, "EUR") == amount:
        return totals.LineAsk(int(quantity), price, Decimal(0), rate)
    return totals.LineAsk(1, amount, Decimal(0), rate)


def extra(node, names):
    sign = 1 if found(node, names["is_charge"])[0].text.strip() == "true" else -1
    return totals.Charge(sign * number(node, names["extra"]), number(node, names["extra_rate"]))


def priced(path):
    root, names = read(path)
    return totals.price(
        lines=[line(node, names) for node in found(root, names["lines"])],
        shipping=None,
        fees=[extra(node, names) for node in found(root, names["extras"])],
        discount_amount=Decimal(0),
        prices_include_tax=False,
        currency="EUR",
        charged_total=number(root, names["total"]),
        charged_tax=number(root, names["tax"]),
    )


@pytest.mark.parametrize("path", INVOICES, ids=lambda path: path.stem)
def test_published_invoices_come_out_to_the_penny(path):
    root, names = read(path)
    order = priced(path)
    assert order.calculated_total == number(root, names["total"])
    assert order.tax_amount == number(root, names["tax"])
    assert order.rounding_amount == 0
    assert not order.mismatch


def test_long_unit_prices_are_taken_as_sent():
    asks = [
        line(node, names)
        for root, names in map(read, INVOICES)
        for node in found(root, names["lines"])
    ]
    long = [one.unit_price for one in asks if one.unit_price != round(one.unit_price, 2)]
    assert sorted(map(str, long)) == ["0.00101", "0.00880", "1.2605", "1.2605", "7.4790"]
