"""What a channel sends to place an order: the fixed shape, strictly checked, all faults at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from config.kernel import contracts, money
from config.kernel.contracts import (
    Amount,
    Contract,
    CountryCode,
    Currency,
    Day,
    Email,
    Flag,
    Moment,
    MomentOrDay,
    Name,
    Paragraphs,
    Quantity,
    Rate,
    Reference,
    Sku,
    Text12,
    Text20,
    Text32,
    Text40,
    Text60,
    Text80,
    Text120,
    Text200,
    Text300,
    UnitPrice,
)
from config.kernel.errors import Fault, Invalid

MAX_LINES = 1_000
MAX_TOTAL = Decimal(10) ** 12
FUTURE = timedelta(hours=24)
NOTHING = Decimal(0)


class AddressIn(Contract):
    """A postal address as the channel has it; checked later, kept in any case."""

    name: Text200 = ""
    company: Text200 = ""
    line1: Text200 = ""
    line2: Text200 = ""
    city: Text120 = ""
    region: Text120 = ""
    postal_code: Text20 = ""
    country: CountryCode
    phone: Text40 = ""


class CustomerIn(Contract):
    """Who orders: known by the channel's own reference, else by e-mail, else a guest."""

    reference: Text120 = ""
    name: Text200 = ""
    email: Email = ""
    phone: Text40 = ""
    company: Text200 = ""
    vat_number: Text32 = ""
    language: Text12 = ""


class FeeIn(Contract):
    """A charge beside shipping, such as gift wrapping."""

    name: Name
    amount: Amount
    tax_rate: Rate = NOTHING


class PaymentIn(Contract):
    """A tender the channel already has; amounts in the order's currency."""

    method: Name
    status: Literal["pending", "authorized", "paid"]
    amount: Annotated[Amount, Field(gt=0)]
    reference: Text120 = ""


class LineIn(Contract):
    """So many units of a SKU at a unit price with up to six decimals."""

    reference: Text80 = ""
    sku: Sku
    quantity: Quantity
    unit_price: UnitPrice
    tax_rate: Rate = NOTHING
    discount_amount: Amount = NOTHING
    description: Text300 = ""
    buyer_item_number: Text80 = ""
    attributes: dict[str, Any] = Field(default_factory=dict, max_length=100)


class OrderIn(Contract):
    """An order as a channel sends it."""

    reference: Reference
    placed_at: Moment | None = None
    currency: Currency
    prices_include_tax: Flag = True
    customer: CustomerIn | None = None
    shipping_address: AddressIn | None = None
    billing_address: AddressIn | None = None
    customer_order_number: Text80 = ""
    shipping_method: Text60 = ""
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    ship_not_before: Day | None = None
    deliver_by: MomentOrDay | None = None
    ship_complete: Flag = False
    payment_terms_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None
    shipping_amount: Amount = NOTHING
    shipping_tax_rate: Rate = NOTHING
    fees: list[FeeIn] = Field(default_factory=list, max_length=50)
    discount_amount: Amount = NOTHING
    total_amount: Amount | None = None
    tax_amount: Amount | None = None
    tax_collected_by: Literal["seller", "marketplace"] = "seller"
    risk: Literal["low", "medium", "high"] | None = None
    lines: list[LineIn] = Field(min_length=1, max_length=MAX_LINES)
    payments: list[PaymentIn] = Field(default_factory=list, max_length=50)
    gift_message: Paragraphs = ""
    note: Paragraphs = ""
    metadata: dict[str, Any] = Field(default_factory=dict, max_length=200)


def check(document: Any, *, currencies: frozenset[str], at: datetime) -> OrderIn:
    """Return the order a document holds; raises `Invalid` with all faults and their JSON paths.

    `currencies` are the channel's; `at` is now: an order may be dated up to 24 hours ahead.
    """
    order = contracts.check(OrderIn, document)
    faults = list(_contradictions(order, currencies, at))
    if faults:
        raise Invalid(faults)
    return order


def _contradictions(order: OrderIn, currencies: frozenset[str], at: datetime) -> Iterator[Fault]:
    if order.currency not in currencies:
        allowed = ", ".join(sorted(currencies))
        detail = f"This channel sells in {allowed}."
        yield Fault("$.currency", "currency_not_allowed", detail)
    if order.placed_at and order.placed_at > at + FUTURE:
        yield Fault("$.placed_at", "in_the_future", "More than 24 hours ahead.")
    yield from _too_fine(order)
    yield from _too_much(order)


def _too_fine(order: OrderIn) -> Iterator[Fault]:
    """Amounts have the currency's minor unit; only unit prices may be finer."""
    digits = money.minor_digits(order.currency)
    for path, amount in _amounts(order):
        if amount and -amount.normalize().as_tuple().exponent > digits:  # type: ignore[operator]
            detail = f"{order.currency} amounts have at most {digits} decimals."
            yield Fault(path, "too_many_decimals", detail)


def _amounts(order: OrderIn) -> Iterator[tuple[str, Decimal]]:
    yield "$.shipping_amount", order.shipping_amount
    yield "$.discount_amount", order.discount_amount
    yield "$.total_amount", order.total_amount or NOTHING
    yield "$.tax_amount", order.tax_amount or NOTHING
    for index, line in enumerate(order.lines):
        if line.discount_amount:
            yield f"$.lines[{index}].discount_amount", line.discount_amount
    for index, fee in enumerate(order.fees):
        yield f"$.fees[{index}].amount", fee.amount
    for index, payment in enumerate(order.payments):
        yield f"$.payments[{index}].amount", payment.amount


def _too_much(order: OrderIn) -> Iterator[Fault]:
    goods = NOTHING
    for index, line in enumerate(order.lines):
        worth = line.quantity * line.unit_price
        goods += worth - line.discount_amount
        if line.discount_amount and line.discount_amount > money.quantize(worth, order.currency):
            path = f"$.lines[{index}].discount_amount"
            yield Fault(path, "more_than_line", "The discount is more than the line.")
    charges = order.shipping_amount + sum((fee.amount for fee in order.fees), NOTHING)
    whole = money.quantize(goods + charges, order.currency)
    if order.discount_amount and order.discount_amount > whole:
        path = "$.discount_amount"
        yield Fault(path, "more_than_order", "The discount is more than the order.")
    if goods + charges > MAX_TOTAL:
        yield Fault("$.lines", "too_much", "The order is worth more than can be kept.")
