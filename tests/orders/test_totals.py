"""Totals: an order's arithmetic, to the penny, whatever the channel charged."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel import money
from orders import totals

D = Decimal


def ask(quantity, unit_price, tax_rate="20.00", discount="0.00"):
    return totals.LineAsk(quantity, D(unit_price), D(discount), D(tax_rate))


def charge(amount, tax_rate="20.00"):
    return totals.Charge(D(amount), D(tax_rate))


def price(*lines, include_tax=True, **changes):
    figures = {
        "shipping": None,
        "fees": (),
        "discount_amount": D("0.00"),
        "currency": "GBP",
        "charged_total": None,
        "charged_tax": None,
    }
    return totals.price(lines=lines, prices_include_tax=include_tax, **figures | changes)


def test_prices_with_tax():
    order = price(ask(6, "2.55"), ask(1, "10.00"), shipping=charge("4.95"))
    assert order.subtotal == D("25.30")
    assert order.calculated_total == order.total_amount == D("30.25")
    assert order.tax_amount == D("5.04")
    assert order.lines[0] == totals.Amounts(
        amount=D("15.30"), discount=D("0.00"), net=D("12.75"), tax=D("2.55"), gross=D("15.30")
    )
    assert order.shipping.gross == D("4.95")
    assert not order.mismatch


def test_prices_without_tax():
    order = price(ask(2, "10.00"), ask(1, "5.00", "5.00"), include_tax=False)
    assert order.subtotal == D("25.00")
    assert order.total_amount == D("29.25")
    assert [line.gross for line in order.lines] == [D("24.00"), D("5.25")]
    assert order.tax_groups == (
        totals.TaxGroup(tax_rate=D(20), net=D("20.00"), tax=D("4.00"), gross=D("24.00")),
        totals.TaxGroup(tax_rate=D(5), net=D("5.00"), tax=D("0.25"), gross=D("5.25")),
    )


def test_tax_is_rounded_once_per_rate_and_spread_back():
    lines = [ask(1, "0.12", "20") for _ in range(3)]  # alone 0.02 each, together 0.07
    order = price(*lines, include_tax=False)
    assert order.tax_amount == D("0.07")
    assert [line.tax for line in order.lines] == [D("0.03"), D("0.02"), D("0.02")]
    lines = [ask(1, "0.13", "20") for _ in range(3)]  # alone 0.03 each, together 0.08
    order = price(*lines, include_tax=False)
    assert [line.tax for line in order.lines] == [D("0.03"), D("0.03"), D("0.02")]


def test_shipping_and_fees_share_the_tax_group_of_their_rate():
    order = price(
        ask(1, "0.12", "20.0"),
        shipping=charge("0.12", "20"),
        fees=[charge("0.12", "20.00"), charge("1.00", "0")],
        include_tax=False,
    )
    assert [group.tax for group in order.tax_groups] == [D("0.07"), D("0.00")]
    assert order.lines[0].tax == D("0.03")
    assert order.shipping.tax == order.fees[0].tax == D("0.02")
    assert order.fees[1].gross == D("1.00")
    assert order.total_amount == D("1.43")


@pytest.mark.parametrize("charged", ["29.97", "29.98"])
def test_what_the_channel_charged_for_three_pieces_fits_either_way(charged):
    order = price(ask(3, "8.325"), include_tax=False, charged_total=D(charged))
    assert order.calculated_total == D("29.98")
    assert order.total_amount == D(charged)
    assert order.rounding_amount == D(charged) - D("29.98")
    assert not order.mismatch


def test_a_penny_per_line_is_rounding_and_more_is_a_mismatch():
    lines = [ask(1, "10.00"), ask(1, "20.00")]
    assert price(*lines, charged_total=D("30.02")).rounding_amount == D("0.02")
    assert price(*lines, charged_total=D("29.98")).rounding_amount == D("-0.02")
    order = price(*lines, charged_total=D("30.03"))
    assert order.mismatch
    assert order.total_amount == D("30.03")
    assert order.calculated_total == D("30.00")
    assert order.rounding_amount == 0


def test_a_minor_unit_depends_on_the_currency():
    assert not price(ask(1, "100"), currency="JPY", charged_total=D(101)).mismatch
    assert price(ask(1, "100"), currency="JPY", charged_total=D(102)).mismatch
    assert price(ask(1, "1.000"), currency="KWD", charged_total=D("1.01")).mismatch


def test_charged_tax_is_the_orders_tax_when_it_fits():
    assert price(ask(1, "12.00"), charged_tax=D("2.01")).tax_amount == D("2.01")
    order = price(ask(1, "12.00"), charged_tax=D("1.50"))
    assert order.mismatch
    assert order.tax_amount == D("2.00")
    assert order.total_amount == D("12.00")


def test_order_discount_is_spread_by_line_amounts():
    order = price(
        ask(1, "5.00"),
        ask(1, "0.00"),
        ask(3, "5.00", discount="10.00"),
        ask(1, "5.00"),
        discount_amount=D("2.00"),
    )
    assert [line.discount for line in order.lines] == [D("0.67"), 0, D("0.67"), D("0.66")]
    assert order.subtotal == D("15.00")
    assert order.discount_amount == D("2.00")
    assert order.total_amount == D("13.00")


def test_a_full_discount_leaves_nothing():
    prices = ["5.60", "8.92", "44.91", "217.26", "2400"]  # Odoo 156897 gave 0.01
    lines = [ask(1, unit_price, "15") for unit_price in prices]
    for include_tax in (True, False):
        order = price(*lines, include_tax=include_tax, discount_amount=D("2676.69"))
        assert order.total_amount == order.tax_amount == 0
        assert all(line.net == line.tax == 0 for line in order.lines)


def test_what_exceeds_the_lines_is_taken_off_the_charges():
    order = price(ask(2, "5.00"), shipping=charge("4.00"), discount_amount=D("12.50"))
    assert order.lines[0].gross == 0
    assert order.shipping.discount == D("2.50")
    assert order.shipping.gross == order.total_amount == D("1.50")


def test_free_lines_cost_nothing_and_stay():
    order = price(ask(3, "0"), ask(1, "4.99"), shipping=charge("0.00"))
    assert order.lines[0] == totals.Amounts(*[D("0.00")] * 5)
    assert order.total_amount == D("4.99")
    order = price(ask(1, "0"))
    assert order.total_amount == order.tax_amount == 0
    assert money.text(order.total_amount) == "0.00"


def test_currencies_without_and_with_three_decimals():
    order = price(ask(3, "333.5", "10"), include_tax=False, currency="JPY")
    assert (order.subtotal, order.tax_amount, order.total_amount) == (1001, 100, 1101)
    order = price(ask(3, "0.3335", "5"), include_tax=False, currency="KWD")
    assert order.subtotal == D("1.001")
    assert order.tax_amount == D("0.050")


def test_unit_prices_keep_six_decimals():
    order = price(ask(1_000_000, "0.000123"), include_tax=False)
    assert order.subtotal == D("123.00")


UNIT_PRICES = st.decimals(0, 10_000, places=6)
RATES = st.sampled_from([D(0), D("5.00"), D("5.5"), D("8.875"), D("19"), D("20.00")])
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


@st.composite
def orders(draw):
    currency = draw(CURRENCIES)
    unit = money.minor_unit(currency)

    def amounts(most):
        return st.integers(0, most).map(lambda units: units * unit)

    def line():
        quantity, unit_price = draw(st.integers(1, 500)), draw(UNIT_PRICES)
        most = int(money.quantize(quantity * unit_price, currency) / unit)
        return totals.LineAsk(quantity, unit_price, draw(amounts(most)), draw(RATES))

    charges = st.builds(totals.Charge, amounts(100_000), RATES)
    lines = [line() for _ in range(draw(st.integers(1, 6)))]
    return {
        "lines": lines,
        "shipping": draw(st.none() | charges),
        "fees": draw(st.lists(charges, max_size=3)),
        "discount_amount": draw(amounts(1_000_000)),
        "prices_include_tax": draw(st.booleans()),
        "currency": currency,
        "charged_total": draw(st.none() | amounts(1_000_000)),
        "charged_tax": draw(st.none() | amounts(1_000_000)),
    }


def members(order):
    return [*order.lines, *([order.shipping] if order.shipping else []), *order.fees]


@given(orders())
def test_every_figure_adds_up(given_order):
    order = totals.price(**given_order)
    everything = members(order)
    assert all(one.net + one.tax == one.gross for one in everything)
    assert sum(one.gross for one in everything) == order.calculated_total
    assert sum(one.discount for one in everything) == order.discount_amount
    assert sum(line.amount for line in order.lines) == order.subtotal
    assert sum(group.tax for group in order.tax_groups) == sum(one.tax for one in everything)
    stated = sum(one.amount for one in everything) - order.discount_amount
    untaxed = sum(one.net for one in everything)
    assert stated == (order.calculated_total if given_order["prices_include_tax"] else untaxed)


@given(orders())
def test_every_amount_is_in_whole_minor_units(given_order):
    order = totals.price(**given_order)
    for one in members(order):
        for amount in (one.amount, one.discount, one.net, one.tax, one.gross):
            assert amount == money.quantize(amount, given_order["currency"])


@given(orders())
def test_what_was_charged_stays_the_total(given_order):
    order = totals.price(**given_order)
    charged = given_order["charged_total"]
    assert order.total_amount == (order.calculated_total if charged is None else charged)
    if not order.mismatch:
        assert order.total_amount == order.calculated_total + order.rounding_amount
        assert given_order["charged_tax"] in {None, order.tax_amount}


@given(orders())
def test_no_members_tax_is_a_minor_unit_off(given_order):
    order = totals.price(**given_order)
    asks = [*given_order["lines"], *filter(None, [given_order["shipping"]]), *given_order["fees"]]
    for one, asked in zip(members(order), asks, strict=True):
        divisor = 100 + asked.tax_rate if given_order["prices_include_tax"] else D(100)
        exact = (one.amount - one.discount) * asked.tax_rate / divisor
        assert abs(one.tax - exact) < money.minor_unit(given_order["currency"])


@given(orders())
def test_the_opposite_of_an_order_has_the_opposite_figures(given_order):
    figures = given_order | {"charged_total": None, "charged_tax": None}
    if figures["discount_amount"] > 0:
        figures["shipping"], figures["fees"] = None, []  # nothing for a discount to run over to
    opposite = figures | {
        "lines": [
            totals.LineAsk(-one.quantity, one.unit_price, -one.discount_amount, one.tax_rate)
            for one in figures["lines"]
        ],
        "shipping": figures["shipping"] and opposite_charge(figures["shipping"]),
        "fees": [opposite_charge(fee) for fee in figures["fees"]],
        "discount_amount": -figures["discount_amount"],
    }
    there, back = totals.price(**figures), totals.price(**opposite)
    assert back.calculated_total == -there.calculated_total
    for one, other in zip(members(there), members(back), strict=True):
        assert (other.net, other.tax, other.gross) == (-one.net, -one.tax, -one.gross)


def opposite_charge(one):
    return totals.Charge(-one.amount, one.tax_rate)
