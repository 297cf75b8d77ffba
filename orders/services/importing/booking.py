"""Books a chunk of what happened in one transaction, together with how far the run has come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from django.db import IntegrityError

from config.kernel import commands, events, sql
from config.kernel.models import Event
from customers.services import addresses as address_book
from inventory.models import Reservation
from inventory.services import ledger, reservations
from orders.models import Credit, CreditLine, Hold, Order, OrderLine, Payment
from orders.services import failures, unfolding
from orders.services.importing import drafting, lookups, staging
from orders.services.importing.drafting import Buyer, CreditDraft, OrderDraft, Setting, Sku
from orders.services.importing.staging import Happening, Refusal
from orders.services.importing.stocking import Stock
from orders.sets import Meaning
from orders.states import ImportKind, ImportStock

LOCK_RUN = """
SELECT booked_at, booked_row, figures::text FROM orders_importrun WHERE id = %s FOR NO KEY UPDATE
"""

MOVE_ON = """
UPDATE orders_importrun SET booked_at = %s, booked_row = %s, figures = %s::jsonb WHERE id = %s
"""

TWIN_CONSTRAINTS = frozenset(
    {"order_reference_once_per_channel", "credit_reference_once_per_channel"}
)


@dataclass(slots=True)
class Figures:
    """What a run has come to so far; amounts by currency, units that were not there by SKU."""

    orders: int = 0
    order_lines: int = 0
    credits: int = 0
    credit_lines: int = 0
    corrections: int = 0
    known: int = 0
    gross: dict[str, str] = field(default_factory=dict)
    credited: dict[str, str] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)

    def add_order(self, draft: OrderDraft) -> None:
        """Count an order."""
        self.orders += 1
        self.order_lines += len(draft.lines)
        _add(self.gross, draft.order["currency"], draft.order["total_amount"])

    def add_credit(self, draft: CreditDraft) -> None:
        """Count a credit; what is given back is below zero."""
        self.credits += 1
        self.credit_lines += len(draft.lines)
        _add(self.credited, draft.credit["currency"], -draft.credit["total_amount"])

    def add_short(self, short: Mapping[str, int]) -> None:
        """Count units that were not there."""
        for sku, units in short.items():
            self.short[sku] = self.short.get(sku, 0) + units


@dataclass(slots=True)
class _Drafts:
    orders: list[OrderDraft] = field(default_factory=list)
    credits: list[CreditDraft] = field(default_factory=list)


@commands.command
def book(*, setting: Setting, chunk: Sequence[Happening]) -> None:
    """Book what happened and move the run's position to its end; a chunk booked before is left.

    References the books know already, whoever booked them, stay as they are. Locks the run, then
    stock levels in id order, then their bins. Runs again when a reference was booked elsewhere at
    that moment.
    """
    booked_at, booked_row, told = sql.fetch(LOCK_RUN, [setting.run_id])[0]
    last = chunk[-1]
    if booked_at is not None and (booked_at, booked_row) >= (last.at, last.first_row):
        return
    figures = msgspec.json.decode(told, type=Figures)
    fresh = lookups.unknown(setting, chunk)
    figures.known += len(chunk) - len(fresh)
    goods = lookups.goods(setting, fresh)
    bookable, refusals = _judge(setting, fresh, goods)
    _book(setting, bookable, goods, figures)
    staging.refuse(run_id=setting.run_id, refusals=refusals)
    sql.run(MOVE_ON, [last.at, last.first_row, sql.to_json(figures), setting.run_id])


def _judge(
    setting: Setting, fresh: Sequence[Happening], goods: Mapping[Sku, Meaning]
) -> tuple[list[Happening], list[Refusal]]:
    """Part what can be booked from the rows that can not, now that the books have been asked."""
    bookable: list[Happening] = []
    refusals: list[Refusal] = []
    for one in fresh:
        errors = list(_errors(setting, one, goods))
        refusals += [
            Refusal(number, error)
            for number, error in zip(one.row_numbers, errors, strict=True)
            if error
        ]
        kept = one.without(errors)
        if kept is not None:
            bookable.append(kept)
    return bookable, refusals


def _errors(setting: Setting, one: Happening, goods: Mapping[Sku, Meaning]) -> Iterator[str]:
    """Yield for each line why it cannot be booked, empty when it can."""
    if one.kind == ImportKind.CORRECTION:
        for line in one.lines:
            meaning = goods.get(drafting.sku_of(line))
            known = meaning is not None or setting.stock_mode != ImportStock.SHIP
            yield "" if known and (meaning is None or meaning.is_stocked) else "not_stocked"
        return
    mixed = len({line.currency for line in one.lines}) > 1
    yield from ["mixed_currencies" if mixed else ""] * len(one.lines)


def _book(
    setting: Setting, bookable: Sequence[Happening], goods: Mapping[Sku, Meaning], figures: Figures
) -> None:
    buyers = lookups.buyers(setting, bookable)
    stock = lookups.stock(setting, bookable, goods)
    drafts = _draft(setting, bookable, goods, buyers, stock)
    for order in drafts.orders:
        figures.add_order(order)
    for credit in drafts.credits:
        figures.add_credit(credit)
    if setting.stock_mode == ImportStock.SHIP:
        figures.corrections += sum(one.kind == ImportKind.CORRECTION for one in bookable)
    figures.add_short(stock.bookings.short)
    _insert(setting, drafts, stock)
    _remember_addresses(setting, drafts.orders)
    failures.resolve(
        channel_id=setting.channel.id,
        references=[one.order["reference"] for one in drafts.orders],
        by=setting.actor.label,
        at=setting.at,
    )
    ledger.post(entries=stock.bookings.entries, actor=setting.actor, at=setting.at, quiet=True)


def _draft(
    setting: Setting,
    bookable: Sequence[Happening],
    goods: Mapping[Sku, Meaning],
    buyers: Mapping[int, Buyer],
    stock: Stock,
) -> _Drafts:
    """Go through what happened in order: each finds the stock that the one before left."""
    drafts = _Drafts()
    numbers = lookups.numbers(sum(one.kind == ImportKind.ORDER for one in bookable))
    for one in bookable:
        if one.kind == ImportKind.CORRECTION:
            stock.correction(one, goods)
            continue
        buyer = buyers[one.first_row]
        if one.kind == ImportKind.CREDIT:
            credit = drafting.credit(one, setting=setting, buyer=buyer, goods=goods)
            stock.credit(credit)
            drafts.credits.append(credit)
            continue
        order = drafting.order(one, setting=setting, number=next(numbers), buyer=buyer, goods=goods)
        stock.order(order)
        drafting.conclude(order, setting)
        drafts.orders.append(order)
    return drafts


def _insert(setting: Setting, drafts: _Drafts, stock: Stock) -> None:
    lines = [line for one in drafts.orders for line in one.lines]
    components = [line for one in drafts.orders for line in one.components]
    try:
        sql.insert(
            (Order, [one.order for one in drafts.orders]),
            *((OrderLine, rows) for rows in unfolding.by_shape(lines, components)),
            (Hold, [hold for one in drafts.orders for hold in one.holds]),
            (Payment, [payment for one in drafts.orders for payment in one.payments]),
            (Credit, [one.credit for one in drafts.credits]),
            (CreditLine, [line for one in drafts.credits for line in one.lines]),
            (Reservation, reservations.rows(stock.bookings.promises)),
            (Event, [event for one in drafts.orders for event in _events(one, setting)]),
        )
    except IntegrityError as error:
        if commands.constraint(error) in TWIN_CONSTRAINTS:
            raise commands.Rerun from error
        raise


def _events(draft: OrderDraft, setting: Setting) -> Iterator[dict[str, Any]]:
    """Imported orders have a timeline; nobody is told of them."""
    order = draft.order
    payload = {
        "number": order["number"],
        "lines": len(draft.lines),
        "holds": [hold["kind"] for hold in draft.holds],
        "short": order["is_short"],
    }
    yield _event("order.placed", order, 1, payload, setting)
    if order["version"] == 2:
        yield _event("order.released", order, 2, {"number": order["number"]}, setting)


def _event(
    type_: str,
    order: Mapping[str, Any],
    version: int,
    payload: Mapping[str, Any],
    setting: Setting,
) -> dict[str, Any]:
    return events.row(
        type=type_,
        aggregate="order",
        aggregate_id=order["id"],
        subject_id=order["id"],
        channel_id=order["channel_id"],
        version=version,
        at=order["placed_at"] if setting.is_history else setting.at,
        actor=setting.actor,
        command_id=order["id"],
        payload=payload,
        silent=True,
    )


def _remember_addresses(setting: Setting, orders: Iterable[OrderDraft]) -> None:
    rows = {}
    for draft in orders:
        customer_id = draft.order["customer_id"]
        if draft.address is not None and customer_id is not None:
            row = address_book.address_row(customer_id, draft.address, setting.at)
            rows[customer_id, row["digest"]] = row
    address_book.remember(rows=list(rows.values()))


def _add(amounts: dict[str, str], currency: str, amount: Decimal) -> None:
    amounts[currency] = str(Decimal(amounts.get(currency, "0")) + amount)
