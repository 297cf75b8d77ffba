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
from orders.services import lines
from orders.sets import Good, Meaning

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
    meanings: Mapping[str, Meaning]
    goods: Sequence[Good]


@dataclass(slots=True)
class Draft:
    """An order in memory: rows of every table, and the promises it needs.

    `lines` are as they were sent; of those that are sets, `components` carry the units.
    """

    order: dict[str, Any]
    lines: list[dict[str, Any]]
    components: list[dict[str, Any]]
    holds: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    promises: list[Promise] = field(default_factory=list)
    short: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def carriers(self) -> Sequence[dict[str, Any]]:
        """All rows of lines: units are in those that are no sets."""
        return self.lines + self.components if self.components else self.lines

    def blocks(self, action: str) -> bool:
        """Tell whether one of its holds forbids the action."""
        return holding.blocks([hold["kind"] for hold in self.holds], action)


def draft(asked: OrderIn, known: Situation) -> Draft:
    """Price the order, find what holds it, plan its stock, and put each unit into its bucket."""
    order_id = ids.new()
    amounts = known.amounts
    sent, components = lines.rows(asked, amounts, known.meanings, order_id)
    order = _order_row(asked, amounts, known, order_id)
    payments = _payment_rows(asked, order_id, known.at)
    result = Draft(order, sent, components, [], payments)
    result.unknown = [row["sku"] for row in sent if row["sku_key"] not in known.meanings]
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


def hold_row(
    order_id: UUID, kind: str, params: Mapping[str, Any], *, at: datetime, by: str
) -> dict[str, Any]:
    """Return the row of an open hold."""
    return {
        "id": ids.new(), "order_id": order_id, "kind": kind, "status": states.HoldStatus.OPEN,
        "params": params, "placed_at": at, "placed_by": by, "released_by": "", "reason": "",
    }  # fmt: skip


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
            [_priced(line, known.meanings) for line in asked.lines],
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
    sold = [known.meanings.get(lines.sku_key(line)) for line in asked.lines]
    ships = any(meaning is None or meaning.is_stocked for meaning in sold)
    return [{"field": "shipping_address", "code": "missing"}] if ships else []


def _priced(line: LineIn, meanings: Mapping[str, Meaning]) -> holding.PricedLine:
    meaning = meanings.get(lines.sku_key(line))
    if meaning is None:
        return holding.PricedLine(line.sku, line.unit_price, None, None)
    return holding.PricedLine(line.sku, line.unit_price, meaning.list_price, meaning.floor_price)


def _allocate(result: Draft, known: Situation) -> None:
    """Plan the stock and move the units out of `pending`, by the channel's shortage policy."""
    policy = known.channel.shortage_policy
    stocked = {
        row["id"]: row
        for row in result.carriers
        if row["product_id"] is not None and row["is_stocked"]
    }
    plan = _plan({line_id: row["ordered"] for line_id, row in stocked.items()}, stocked, known)
    if result.order["allocate_at"]:  # nothing is taken yet, so nothing is short yet
        _set_ship_by(result, _warehouses(plan))
        return
    short = plan.short
    if short and policy == Channel.Shortage.PARTIAL and result.components:
        whole = _whole_sets(stocked, short)
        plan = _plan(whole, stocked, known)
        short = {pk: row["ordered"] - whole[pk] for pk, row in stocked.items()}
    for line_id, quantity in short.items():
        sku = stocked[line_id]["sku"]
        result.short[sku] = result.short.get(sku, 0) + quantity
    if short and policy == Channel.Shortage.HOLD:
        params = {"missing": dict(result.short)}
        result.holds.append(
            hold_row(
                result.order["id"], states.HoldKind.SHORTAGE, params,
                at=known.at, by=known.channel.name,
            )
        )  # fmt: skip
        return
    _fill_buckets(stocked, short, policy)
    result.promises = [Promise(a.line_id, a.level_id, a.quantity) for a in plan.allocations]
    _set_ship_by(result, _warehouses(plan))


def _warehouses(plan: planner.Plan) -> set[UUID]:
    return {one.warehouse_id for one in plan.allocations}


def _plan(
    wanted: Mapping[UUID, int], stocked: Mapping[UUID, Mapping[str, Any]], known: Situation
) -> planner.Plan:
    return planner.plan(
        wants=[
            planner.Want(line_id, stocked[line_id]["product_id"], quantity)
            for line_id, quantity in wanted.items()
            if quantity
        ],
        levels=[
            planner.Supply(level, good.product_id, warehouse, priority, available)
            for good in known.goods
            for level, (warehouse, priority, available) in good.levels.items()
        ],
        waiting={good.product_id: good.waiting for good in known.goods if good.waiting},
    )


def _whole_sets(
    stocked: Mapping[UUID, Mapping[str, Any]], short: Mapping[UUID, int]
) -> dict[UUID, int]:
    """What is sold in part is sold in whole sets: of each component no more than all can give."""
    served = {pk: row["ordered"] - short.get(pk, 0) for pk, row in stocked.items()}
    sets_of: dict[UUID, int] = {}
    for pk, row in stocked.items():
        if "per_kit" in row:
            parent, whole = row["parent_line_id"], served[pk] // row["per_kit"]
            sets_of[parent] = min(sets_of.get(parent, whole), whole)
    return {
        pk: sets_of[row["parent_line_id"]] * row["per_kit"] if "per_kit" in row else served[pk]
        for pk, row in stocked.items()
    }


def _fill_buckets(
    stocked: Mapping[UUID, dict[str, Any]], short: Mapping[UUID, int], policy: str
) -> None:
    missing_to = "cancelled" if policy == Channel.Shortage.PARTIAL else "backordered"
    for line_id, row in stocked.items():
        missing = short.get(line_id, 0)
        row["pending"] = 0
        row["reserved"] = row["ordered"] - missing
        row[missing_to] = missing


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
    order, lines = result.order, result.carriers
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
