"""Turns what happened in a file into the rows of orders and credits; pure, stock comes later."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.kernel import folding, ids, money
from config.kernel.actors import Actor
from config.kernel.callers import ChannelFacts
from customers import addresses
from customers.addresses import Checked
from customers.services import identity
from orders import holding, sets, states, totals
from orders.imports.mapping import Mapping as FileMapping
from orders.imports.rows import DESCRIPTION_LENGTH, Line
from orders.services import drafting, unfolding
from orders.services.importing.staging import Happening
from orders.sets import Good, Meaning

Sku = tuple[str, str]  # folded, and the currency it is sold in
NOTHING = Decimal(0)
ADDRESS_FIELDS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for a whole run."""

    run_id: UUID
    file_name: str
    channel: ChannelFacts
    mapping: FileMapping
    stock_mode: str
    warehouse_id: UUID | None
    actor: Actor
    at: datetime

    @property
    def is_history(self) -> bool:
        """Tell whether the orders are past, as opposed to waiting to be fulfilled from here."""
        return self.stock_mode != states.ImportStock.RESERVE


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who ordered, as the books know them: None is a guest."""

    customer_id: UUID | None = None
    blocked_reason: str | None = None


@dataclass(slots=True)
class OrderDraft:
    """An order in memory; its units are pending until stock is decided.

    Of lines that are sets, `components` carry the units.
    """

    order: dict[str, Any]
    lines: list[dict[str, Any]]
    components: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    holds: list[dict[str, Any]] = field(default_factory=list)
    address: Checked | None = None

    @property
    def carriers(self) -> list[dict[str, Any]]:
        """All rows of lines: units are in those that are no sets."""
        return self.lines + self.components


@dataclass(slots=True)
class CreditDraft:
    """A credit in memory."""

    credit: dict[str, Any]
    lines: list[dict[str, Any]]


def sku_of(line: Line) -> Sku:
    """Return by what a line's meaning is looked up."""
    return folding.sku(line.sku), line.currency


def given(line: Line) -> identity.Given:
    """Return what a row says about the customer."""
    return identity.given(
        country=line.country,
        reference=line.customer,
        name=line.name,
        company=line.company,
        email=line.email,
        phone=line.phone,
        vat_number=line.vat_number,
    )


def order(
    happening: Happening,
    *,
    setting: Setting,
    number: str,
    buyer: Buyer,
    goods: Mapping[Sku, Meaning],
) -> OrderDraft:
    """Price an order and write its rows, every unit pending, with the holds that keep it."""
    first = happening.lines[0]
    priced = _price(happening.lines, setting.mapping, first.shipping_amount)
    checked = addresses.check({name: getattr(first, name) for name in ADDRESS_FIELDS})
    payments = _payments(setting, priced.total_amount, happening.at)
    row = _order_row(happening, setting, priced, checked) | {
        "number": number,
        "customer_id": buyer.customer_id,
        "paid_amount": _tendered(payments, states.TenderStatus.PAID),
        "authorized_amount": _tendered(payments, states.TenderStatus.AUTHORIZED),
    }
    lines, components = _order_lines(happening.lines, priced, goods, row["id"], setting)
    tendered = [{**one, "order_id": row["id"]} for one in payments]
    draft = OrderDraft(row, lines, components, tendered)
    draft.address = checked if first.line1 else None
    unknown = sorted({one.sku for one in happening.lines if sku_of(one) not in goods})
    draft.holds = list(_holds(draft, unknown, checked, buyer, setting))
    return draft


def credit(
    happening: Happening, *, setting: Setting, buyer: Buyer, goods: Mapping[Sku, Meaning]
) -> CreditDraft:
    """Write the rows of a credit; the file's negative quantities are the units given back."""
    first, credit_id = happening.lines[0], ids.new()
    priced = _price(happening.lines, setting.mapping, None)
    row = {
        "id": credit_id,
        "channel_id": setting.channel.id,
        "reference": happening.reference,
        "customer_id": buyer.customer_id,
        "reason": "",
        "country": first.country,
        "currency": first.currency,
        "total_amount": priced.total_amount,
        "placed_at": happening.at,
        "created_at": setting.at,
    }
    lines = [
        {**one, "id": ids.new(), "credit_id": credit_id}
        for line, part in zip(happening.lines, priced.lines, strict=True)
        for one in _credit_lines(line, part, goods.get(sku_of(line)))
    ]
    return CreditDraft(row, [{**one, "position": place} for place, one in enumerate(lines, 1)])


def conclude(draft: OrderDraft, setting: Setting) -> None:
    """Derive the statuses from the buckets, once stock is decided."""
    row, lines = draft.order, draft.carriers
    statuses = states.derive(
        states.Figures(
            ordered=sum(line["ordered"] for line in lines),
            cancelled=0,
            assigned=0,
            shipped=sum(line["shipped"] for line in lines),
            total=row["total_amount"],
            paid=row["paid_amount"],
            authorized=row["authorized_amount"],
            refunded=NOTHING,
        )
    )
    kinds = [hold["kind"] for hold in draft.holds]
    is_open = statuses.status == states.OrderStatus.OPEN
    is_kept = row["is_test"] or holding.blocks(kinds, states.Action.RELEASE)
    is_free = not (is_open and is_kept)
    row["status"] = statuses.status
    row["payment_status"] = statuses.payment_status
    row["fulfillment_status"] = statuses.fulfillment_status
    row["is_held"] = bool(kinds) and is_open
    row["is_short"] = any(line["backordered"] for line in lines)
    row["released_at"] = (
        (row["placed_at"] if setting.is_history else setting.at) if is_free else None
    )
    row["version"] = 2 if row["released_at"] and not setting.is_history else 1


def _price(lines: Sequence[Line], mapping: FileMapping, shipping: Decimal | None) -> totals.Totals:
    rate, currency = mapping.values.tax_rate, lines[0].currency
    return totals.price(
        lines=[
            totals.LineAsk(
                abs(line.quantity),
                line.unit_price,
                money.quantize(line.discount_amount or NOTHING, currency),
                rate if line.tax_rate is None else line.tax_rate,
            )
            for line in lines
        ],
        shipping=totals.Charge(money.quantize(shipping, currency), rate) if shipping else None,
        fees=[],
        discount_amount=money.quantize(NOTHING, currency),
        prices_include_tax=mapping.values.prices_include_tax,
        currency=currency,
        charged_total=None,
        charged_tax=None,
    )


def _order_row(
    happening: Happening, setting: Setting, priced: totals.Totals, checked: Checked
) -> dict[str, Any]:
    first = happening.lines[0]
    values, name = setting.mapping.values, first.name or first.company
    return {
        "id": ids.new(),
        "channel_id": setting.channel.id,
        "reference": happening.reference,
        "is_test": setting.channel.is_test,
        "customer_order_number": first.customer_order_number,
        "origin": states.Origin.HISTORY if setting.is_history else states.Origin.IMPORT,
        "placed_at": happening.at,
        "created_at": setting.at,
        "updated_at": setting.at,
        "priority": states.Priority.NORMAL,
        "ship_by": None,
        "ship_complete": False,
        "shipping_method": first.shipping_method,
        "currency": first.currency,
        "prices_include_tax": values.prices_include_tax,
        "subtotal_amount": priced.subtotal,
        "discount_amount": priced.discount_amount,
        "shipping_amount": priced.shipping.amount if priced.shipping else NOTHING,
        "shipping_tax_rate": values.tax_rate if priced.shipping else NOTHING,
        "fees": [],
        "tax_amount": priced.tax_amount,
        "rounding_amount": NOTHING,
        "total_amount": priced.total_amount,
        "refunded_amount": NOTHING,
        "tax_collected_by": states.TaxCollector.SELLER,
        "shipping_address": checked.address,
        "ship_name": name,
        "name_key": folding.key(name, 200),
        "ship_country": checked.address["country"],
        "postcode_key": addresses.postal_key(checked.address["postal_code"]),
        "email": first.email,
        "email_key": identity.email_key(first.email),
        "phone": first.phone,
        "gift_message": "",
        "note": first.note,
        "metadata": {},
    }


def _order_lines(
    sent: Sequence[Line],
    priced: totals.Totals,
    goods: Mapping[Sku, Meaning],
    order_id: UUID,
    setting: Setting,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []
    components: list[dict[str, Any]] = []
    for place, (line, part) in enumerate(zip(sent, priced.lines, strict=True), 1):
        meaning = goods.get(sku_of(line))
        good = meaning.only if meaning else None
        row = _order_line(place, line, part, good, order_id, setting)
        if meaning is not None and good is None:
            after = len(sent) + len(components) + 1
            unfolded = unfolding.unfold(row, meaning, currency=line.currency, position=after)
            row = unfolded.line
            components += unfolded.components
        lines.append(row)
    return lines, components


def _order_line(
    place: int,
    line: Line,
    part: totals.Amounts,
    good: Good | None,
    order_id: UUID,
    setting: Setting,
) -> dict[str, Any]:
    rate = setting.mapping.values.tax_rate if line.tax_rate is None else line.tax_rate
    return {
        "id": ids.new(),
        "order_id": order_id,
        "position": place,
        "reference": "",
        "sku": line.sku,
        "sku_key": folding.sku(line.sku),
        "product_id": good.product_id if good else None,
        "description": line.description or (good.name if good else ""),
        "is_stocked": good.is_stocked if good else not line.charge,
        "ordered": line.quantity,
        "cancelled": 0,
        "pending": line.quantity,
        "backordered": 0,
        "reserved": 0,
        "assigned": 0,
        "shipped": 0,
        "returned": 0,
        "unit_price": line.unit_price,
        "discount_amount": line.discount_amount or NOTHING,
        "tax_rate": rate,
        "amount": part.amount,
        "net_amount": part.net,
        "tax_amount": part.tax,
        "buyer_item_number": "",
        "attributes": {},
    }


def _credit_lines(
    line: Line, part: totals.Amounts, meaning: Meaning | None
) -> Iterator[dict[str, Any]]:
    """A line; of a set one for each of its components, with its share of what is given back."""
    units, said = abs(line.quantity), line.description
    if meaning is None or (good := meaning.only) is not None:
        known = meaning and good
        yield {
            "sku": line.sku,
            "product_id": known.product_id if known else None,
            "description": said or (known.name if known else ""),
            "quantity": units,
            "restocked": 0,
            "unit_price": line.unit_price,
            "amount": part.amount,
        }
        return
    amounts = sets.split(part.amount, meaning.components, line.currency)
    prices = sets.unit_prices(line.unit_price, meaning.components)
    for one, amount, price in zip(meaning.components, amounts, prices, strict=True):
        yield {
            "sku": one.good.sku,
            "product_id": one.good.product_id,
            "description": f"{line.sku}: {one.good.name}"[:DESCRIPTION_LENGTH],
            "quantity": units * one.quantity,
            "restocked": 0,
            "unit_price": price,
            "amount": amount,
        }


def _payments(setting: Setting, total: Decimal, at: datetime) -> list[dict[str, Any]]:
    payment = setting.mapping.payment
    if payment is None or total <= 0:
        return []
    return [
        {
            "id": ids.new(),
            "method": payment.method,
            "status": payment.status,
            "amount": total,
            "reference": "",
            "recorded_at": at,
        }
    ]


def _tendered(payments: Sequence[Mapping[str, Any]], status: str) -> Decimal:
    return sum((one["amount"] for one in payments if one["status"] == status), NOTHING)


def _holds(
    draft: OrderDraft, unknown: Sequence[str], checked: Checked, buyer: Buyer, setting: Setting
) -> Iterable[dict[str, Any]]:
    """Past orders wait only to learn what was sold; others for whatever holds any order."""
    row = draft.order
    missing = row["total_amount"] - row["paid_amount"] - row["authorized_amount"]
    ships = any(line["is_stocked"] for line in draft.lines)
    problems = [{"field": one.field, "code": one.code} for one in checked.problems]
    live = not setting.is_history
    facts = holding.Circumstances(
        address_problems=problems if live and ships else [],
        unknown_skus=unknown,
        payment_missing=missing
        if live and setting.channel.payment_required and missing > 0
        else None,
        risk=None,
        blocked_reason=buyer.blocked_reason if live else None,
        credit_over=None,
        wrong_prices=[],
        charged=row["total_amount"],
        calculated=row["total_amount"],
        totals_differ=False,
        duplicate_of=None,
    )
    for kind, params in holding.found(facts):
        yield drafting.hold_row(row["id"], kind, params, at=setting.at, by=setting.channel.name)
