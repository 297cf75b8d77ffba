"""Turns what a channel sent and what is known into the rows of an order; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from config.kernel import folding, ids
from config.kernel.callers import ChannelFacts
from config.kernel.models import Channel
from customers import addresses
from customers.addresses import Checked
from customers.services import identity
from inventory import calendars as working_time
from inventory.queries import calendars
from inventory.services.reservations import Promise
from orders import answers, holding, planner, states, totals
from orders.contract import LineIn, OrderIn
from orders.queries.placement import Good

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when an order is placed, beside what was sent."""

    channel: ChannelFacts
    origin: str
    at: datetime
    number: str
    amounts: totals.Totals
    customer_id: UUID | None
    phone: str
    blocked_reason: str | None
    credit_over: Decimal | None
    duplicate_of: str | None
    address: Checked | None
    goods: Mapping[str, Good]


@dataclass(slots=True)
class Draft:
    """An order in memory: rows of every table, and the promises it needs."""

    order: dict[str, Any]
    lines: list[dict[str, Any]]
    holds: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    promises: list[Promise] = field(default_factory=list)
    short: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def blocks(self, action: str) -> bool:
        """Tell whether one of its holds forbids the action."""
        return holding.blocks([hold["kind"] for hold in self.holds], action)


def draft(asked: OrderIn, known: Situation) -> Draft:
    """Price the order, find what holds it, plan its stock, and put each unit into its bucket."""
    order_id = ids.new()
    amounts = known.amounts
    lines = _line_rows(asked, amounts, known.goods, order_id)
    order = _order_row(asked, amounts, known, order_id)
    payments = _payment_rows(asked, order_id, known.at)
    result = Draft(order, lines, [], payments)
    result.unknown = [row["sku"] for row in lines if row["product_id"] is None]
    for kind, params in holding.found(_circumstances(asked, amounts, known, order, result.unknown)):
        result.holds.append(hold_row(order_id, kind, params, at=known.at, by=known.channel.name))
    if not (known.channel.is_test or result.blocks(states.Action.ALLOCATE)):
        _allocate(result, known)
    _conclude(result, known)
    return result


def price(asked: OrderIn) -> totals.Totals:
    """Return what the order adds up to, beside what the channel charged."""
    shipping = totals.Charge(asked.shipping_amount, asked.shipping_tax_rate)
    return totals.price(
        lines=[
            totals.LineAsk(line.quantity, line.unit_price, line.discount_amount, line.tax_rate)
            for line in asked.lines
        ],
        shipping=shipping if asked.shipping_amount else None,
        fees=[totals.Charge(fee.amount, fee.tax_rate) for fee in asked.fees],
        discount_amount=asked.discount_amount,
        prices_include_tax=asked.prices_include_tax,
        currency=asked.currency,
        charged_total=asked.total_amount,
        charged_tax=asked.tax_amount,
    )


def tendered(
    asked: OrderIn,
    *statuses: str,
) -> Decimal:
    """Return what was tendered with these statuses; without any, what is authorised or paid."""
    wanted = statuses or (states.TenderStatus.AUTHORIZED, states.TenderStatus.PAID)
    return sum((part.amount for part in asked.payments if part.status in wanted), NOTHING)


def sku_key(line: LineIn) -> str:
    """Return the key by which a line's SKU is looked up."""
    return folding.sku(line.sku)


def hold_row(
    order_id: UUID, kind: str, params: Mapping[str, Any], *, at: datetime, by: str
) -> dict[str, Any]:
    """Return the row of an open hold."""
    return {
        "id": ids.new(), "order_id": order_id, "kind": kind, "status": states.HoldStatus.OPEN,
        "params": params, "placed_at": at, "placed_by": by, "released_by": "", "reason": "",
    }  # fmt: skip


def _line_rows(
    asked: OrderIn, amounts: totals.Totals, goods: Mapping[str, Good], order_id: UUID
) -> list[dict[str, Any]]:
    return [
        _line_row(position, line, part, goods.get(sku_key(line)), order_id)
        for position, (line, part) in enumerate(zip(asked.lines, amounts.lines, strict=True), 1)
    ]


def _line_row(
    position: int, line: LineIn, part: totals.Amounts, good: Good | None, order_id: UUID
) -> dict[str, Any]:
    return {
        "id": ids.new(),
        "order_id": order_id,
        "position": position,
        "reference": line.reference,
        "sku": line.sku,
        "sku_key": sku_key(line),
        "product_id": good.product_id if good else None,
        "description": line.description or (good.name if good else ""),
        "is_stocked": good.is_stocked if good else True,
        "ordered": line.quantity,
        "cancelled": 0,
        "pending": line.quantity,
        "backordered": 0,
        "reserved": 0,
        "assigned": 0,
        "shipped": 0,
        "returned": 0,
        "unit_price": line.unit_price,
        "discount_amount": line.discount_amount,
        "tax_rate": line.tax_rate,
        "amount": part.amount,
        "net_amount": part.net,
        "tax_amount": part.tax,
        "buyer_item_number": line.buyer_item_number,
        "attributes": line.attributes,
    }


def _order_row(
    asked: OrderIn, amounts: totals.Totals, known: Situation, order_id: UUID
) -> dict[str, Any]:
    placed_at = min(asked.placed_at or known.at, known.at)
    address = asked.shipping_address
    customer = asked.customer
    email = customer.email if customer else ""
    name = (address and (address.name or address.company)) or (customer and customer.name) or ""
    return {
        "id": order_id,
        "number": known.number,
        "channel_id": known.channel.id,
        "reference": asked.reference,
        "customer_id": known.customer_id,
        "customer_order_number": asked.customer_order_number,
        "origin": known.origin,
        "is_test": known.channel.is_test,
        "placed_at": placed_at,
        "placed_at_sent": asked.placed_at if asked.placed_at != placed_at else None,
        "created_at": known.at,
        "updated_at": known.at,
        "version": 1,
        "is_held": False,
        "is_short": False,
        "released_at": None,
        "priority": answers.PRIORITIES[asked.priority],
        "ship_by": None,
        "deliver_by": _deliver_by(asked.deliver_by, known.channel.time_zone),
        "ship_not_before": asked.ship_not_before,
        "allocate_at": _allocate_at(asked, known),
        "ship_complete": asked.ship_complete,
        "shipping_method": asked.shipping_method,
        "currency": asked.currency,
        "prices_include_tax": asked.prices_include_tax,
        "subtotal_amount": amounts.subtotal,
        "discount_amount": amounts.discount_amount,
        "shipping_amount": asked.shipping_amount,
        "shipping_tax_rate": asked.shipping_tax_rate,
        "fees": answers.fees(asked.fees, asked.currency),
        "tax_amount": amounts.tax_amount,
        "rounding_amount": amounts.rounding_amount,
        "total_amount": amounts.total_amount,
        "paid_amount": tendered(asked, states.TenderStatus.PAID),
        "authorized_amount": tendered(asked, states.TenderStatus.AUTHORIZED),
        "refunded_amount": NOTHING,
        "payment_terms_days": asked.payment_terms_days,
        "tax_collected_by": asked.tax_collected_by,
        "shipping_address": known.address.address if known.address else {},
        "billing_address": asked.billing_address and asked.billing_address.model_dump(),
        "ship_name": name,
        "name_key": folding.key(name, 200),
        "ship_country": known.address.address["country"] if known.address else "",
        "postcode_key": addresses.postal_key(known.address.address["postal_code"])
        if known.address
        else "",
        "email": email,
        "email_key": identity.email_key(email),
        "phone": known.phone,
        "gift_message": asked.gift_message,
        "note": asked.note,
        "metadata": asked.metadata,
    }


def _payment_rows(asked: OrderIn, order_id: UUID, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": ids.new(),
            "order_id": order_id,
            "method": payment.method,
            "status": payment.status,
            "amount": payment.amount,
            "reference": payment.reference,
            "recorded_at": at,
        }
        for payment in asked.payments
    ]


def _allocate_at(asked: OrderIn, known: Situation) -> datetime | None:
    """When an order for later asks for its stock: a day begins where the channel is."""
    days = known.channel.allocate_days_before
    if asked.ship_not_before is None or days is None:
        return None
    day = asked.ship_not_before - timedelta(days=days)
    begins = datetime.combine(day, time.min, ZoneInfo(known.channel.time_zone)).astimezone(UTC)
    return begins if begins > known.at else None


def _deliver_by(asked: datetime | date | None, time_zone: str) -> datetime | None:
    """A day means its end where the channel is."""
    if asked is None or isinstance(asked, datetime):
        return asked
    return datetime.combine(asked, time(23, 59), ZoneInfo(time_zone)).astimezone(UTC)


def _circumstances(
    asked: OrderIn,
    amounts: totals.Totals,
    known: Situation,
    order: Mapping[str, Any],
    unknown: Sequence[str],
) -> holding.Circumstances:
    missing = order["total_amount"] - order["paid_amount"] - order["authorized_amount"]
    return holding.Circumstances(
        address_problems=_address_problems(asked, known),
        unknown_skus=unknown,
        payment_missing=missing if known.channel.payment_required and missing > 0 else None,
        risk=asked.risk,
        blocked_reason=known.blocked_reason,
        credit_over=known.credit_over,
        wrong_prices=holding.wrong_prices(
            [_priced(line, known.goods) for line in asked.lines],
            known.channel.price_tolerance_percent,
        ),
        charged=amounts.total_amount,
        calculated=amounts.calculated_total,
        totals_differ=amounts.mismatch,
        duplicate_of=known.duplicate_of,
    )


def _address_problems(asked: OrderIn, known: Situation) -> Sequence[Mapping[str, Any]]:
    if known.address is not None:
        return [{"field": p.field, "code": p.code} for p in known.address.problems]
    ships = any(
        good is None or good.is_stocked
        for good in (known.goods.get(sku_key(line)) for line in asked.lines)
    )
    return [{"field": "shipping_address", "code": "missing"}] if ships else []


def _priced(line: LineIn, goods: Mapping[str, Good]) -> holding.PricedLine:
    good = goods.get(sku_key(line))
    if good is None:
        return holding.PricedLine(line.sku, line.unit_price, None, None)
    return holding.PricedLine(line.sku, line.unit_price, good.list_price, good.floor_price)


def _allocate(result: Draft, known: Situation) -> None:
    """Plan the stock and move the units out of `pending`, by the channel's shortage policy."""
    stocked = {
        row["id"]: row
        for row in result.lines
        if row["product_id"] is not None and row["is_stocked"]
    }
    plan = planner.plan(
        wants=[
            planner.Want(line_id, row["product_id"], row["ordered"])
            for line_id, row in stocked.items()
        ],
        levels=[
            planner.Supply(level, good.product_id, warehouse, priority, available)
            for good in known.goods.values()
            for level, warehouse, priority, available in good.levels
        ],
        waiting={good.product_id: good.waiting for good in known.goods.values() if good.waiting},
    )
    warehouses = {one.warehouse_id for one in plan.allocations}
    if result.order["allocate_at"]:
        _set_ship_by(result, warehouses)  # nothing is taken yet, so nothing is short yet
        return
    for line_id, quantity in plan.short.items():
        sku = stocked[line_id]["sku"]
        result.short[sku] = result.short.get(sku, 0) + quantity
    if plan.short and known.channel.shortage_policy == Channel.Shortage.HOLD:
        params = {"missing": dict(result.short)}
        result.holds.append(
            hold_row(
                result.order["id"], states.HoldKind.SHORTAGE, params,
                at=known.at, by=known.channel.name,
            )
        )  # fmt: skip
        return
    _fill_buckets(stocked, plan, known.channel.shortage_policy)
    result.promises = [Promise(a.line_id, a.level_id, a.quantity) for a in plan.allocations]
    _set_ship_by(result, warehouses)


def _fill_buckets(
    stocked: Mapping[UUID, dict[str, Any]], plan: planner.Plan, shortage_policy: str
) -> None:
    missing_to = "cancelled" if shortage_policy == Channel.Shortage.PARTIAL else "backordered"
    for line_id, row in stocked.items():
        short = plan.short.get(line_id, 0)
        row["pending"] = 0
        row["reserved"] = row["ordered"] - short
        row[missing_to] = short


def _set_ship_by(result: Draft, warehouses: set[UUID]) -> None:
    """The last warehouse decides; with units missing nobody can say when an order is complete."""
    order = result.order
    if not warehouses or (result.short and order["ship_complete"]):
        return
    order["ship_by"] = max(
        working_time.ship_by(order["placed_at"], calendars.of(warehouse), order["ship_not_before"])
        for warehouse in warehouses
    )


def _conclude(result: Draft, known: Situation) -> None:
    """Derive the statuses, and release at once what nothing holds."""
    order, lines = result.order, result.lines
    figures = states.Figures(
        ordered=sum(row["ordered"] for row in lines),
        cancelled=sum(row["cancelled"] for row in lines),
        assigned=0,
        shipped=0,
        total=order["total_amount"],
        paid=order["paid_amount"],
        authorized=order["authorized_amount"],
        refunded=NOTHING,
    )
    statuses = states.derive(figures)
    order["status"] = statuses.status
    order["payment_status"] = statuses.payment_status
    order["fulfillment_status"] = statuses.fulfillment_status
    if statuses.status == states.OrderStatus.CANCELLED:
        result.holds.clear()  # nothing is left that could wait
    order["is_held"] = bool(result.holds)
    order["is_short"] = any(row["backordered"] for row in lines)
    is_held_back = known.channel.is_test or result.blocks(states.Action.RELEASE)
    if statuses.status == states.OrderStatus.OPEN and not is_held_back:
        order["released_at"] = known.at
        order["version"] = 2
