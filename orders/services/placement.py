"""Places an order: known? → draft → rows → insert → reserve, in five statements whatever its size.

The shape and its measurements are in the decision record on placement. The last statement locks the
stock levels in id order and takes the units only if they are still there; when some are not, the
whole transaction rolls back and runs again on fresh figures, where the plan sees the shortage and
the channel's policy decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from config.kernel import commands, errors, events, idempotency, ids, sql
from config.kernel.actors import Actor
from config.kernel.callers import ChannelFacts
from config.kernel.idempotency import Answer
from config.kernel.models import Channel, Event, IdempotencyKey
from customers import addresses
from customers.addresses import Checked
from customers.models import Address
from customers.services import addresses as address_book
from customers.services import identity
from inventory.models import Reservation
from inventory.services import reservations
from orders import answers, contract, states
from orders.contract import OrderIn
from orders.errors import OrderExists, OutOfStock, UnknownProduct
from orders.models import Hold, Intake, Order, OrderLine, Payment
from orders.queries import credit, duplicates, placement
from orders.services import drafting, failures, lines, unfolding
from orders.services.drafting import Draft, Situation

TWIN_CONSTRAINTS = frozenset(
    {
        "order_reference_once_per_channel",
        "idempotency_key_once",
        "customer_reference_once_per_channel",
        "address_once_per_customer",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as it came: the document, its fingerprint, and the key it was sent under.

    `order` is the checked content, or what is wrong with it; the look-up comes first, so that a
    replay works even after the rules of validation have changed.
    """

    reference: str
    fingerprint: str
    key: str | None
    order: OrderIn | errors.Invalid


def place(
    *,
    document: Mapping[str, Any],
    fingerprint: str,
    key: str | None,
    channel: ChannelFacts,
    actor: Actor,
    origin: str,
    at: datetime,
) -> Answer:
    """Place the order a document holds, once, and return what is answered.

    201 with the order; 200 (or 201 under the same key) with the stored answer when the same content
    comes again. A shortage under the channel's policy `refuse`, or an unknown SKU where the channel
    takes none, is a business refusal: it is answered and kept under the key. Raises `Invalid` with
    all faults, `KeyReused`, `OrderExists`, `Busy`. Locks the reference, then stock levels in id
    order.
    """
    asked = read(document, fingerprint, key, channel, at)
    return _place(asked=asked, channel=channel, actor=actor, origin=origin, at=at)


def read(
    document: Mapping[str, Any],
    fingerprint: str,
    key: str | None,
    channel: ChannelFacts,
    at: datetime,
) -> Asked:
    """Return what a document asks for; raises `Invalid` when not even its reference is one."""
    try:
        order: OrderIn | errors.Invalid = contract.check(
            document, currencies=channel.currencies, at=at
        )
    except errors.Invalid as invalid:
        order = invalid
    reference = document.get("reference")
    if not isinstance(reference, str) and isinstance(order, errors.Invalid):
        raise order
    reference = order.reference if isinstance(order, OrderIn) else str(reference)[:120]
    return Asked(reference, fingerprint, key, order)


@commands.command
def _place(
    *, asked: Asked, channel: ChannelFacts, actor: Actor, origin: str, at: datetime
) -> Answer:
    person, address = person_and_address(asked.order)
    known = placement.look_up(question(asked, channel, person, address), actor)
    before = answered_before(asked, known.earlier)
    if before is not None:
        return _closed(before, asked, known, channel, actor, at)
    if isinstance(asked.order, errors.Invalid):
        raise asked.order
    made = think_through(asked.order, known, person, address, channel, origin, at)
    if made.refusal is not None:
        return _keep_refusal(asked, made.refusal, channel, at)
    draft = made.draft
    answer = _write(asked, draft, made.who, None if known.address_known else address, actor, at)
    if draft.promises:
        _reserve(draft, actor, at)
    events.published()
    return _closed(answer, asked, known, channel, actor, at)


def _closed(
    answer: Answer,
    asked: Asked,
    known: placement.LookUp,
    channel: ChannelFacts,
    actor: Actor,
    at: datetime,
) -> Answer:
    """An order that is placed closes what failed under its reference."""
    if known.failed_before and answer.status < 400:
        failures.resolve(channel_id=channel.id, references=[asked.reference], by=actor.label, at=at)
    return answer


@dataclass(frozen=True, slots=True)
class ThoughtThrough:
    """An order before anything is written: who orders, its rows, and what refuses it."""

    who: identity.Identity
    situation: Situation
    draft: Draft
    refusal: errors.DomainError | None


def think_through(
    order: OrderIn,
    known: placement.LookUp,
    person: identity.Given,
    address: Checked | None,
    channel: ChannelFacts,
    origin: str,
    at: datetime,
) -> ThoughtThrough:
    """Return what an order would become; what is written and what is only shown are the same."""
    who = identity.resolve(
        channel_id=channel.id,
        given=person,
        by_reference=known.by_reference,
        by_email=known.by_email,
        at=at,
    )
    situation = _situation(order, known, who, address, channel, origin, at)
    draft = drafting.draft(order, situation)
    return ThoughtThrough(who, situation, draft, _refusal(draft, channel))


def question(
    asked: Asked, channel: ChannelFacts, person: identity.Given, address: Checked | None
) -> dict[str, Any]:
    """Return what the look-up of an order asks for."""
    return placement.question(
        channel_id=channel.id,
        key=asked.key,
        reference=asked.reference,
        customer=person.reference,
        email=person.email_key,
        address=address_book.digest(address.address) if address else "",
        sku_keys=_sku_keys(asked.order),
        currency="" if isinstance(asked.order, errors.Invalid) else asked.order.currency,
    )


def person_and_address(
    order: OrderIn | errors.Invalid,
) -> tuple[identity.Given, Checked | None]:
    """Return who orders and where it goes, in their normal form."""
    if isinstance(order, errors.Invalid):
        return identity.Given(), None
    sent, customer = order.shipping_address, order.customer
    address = addresses.check(sent.model_dump()) if sent else None
    country = address.address["country"] if address else ""
    if customer is None:
        return identity.Given(), address
    return identity.given(country=country, **customer.model_dump()), address


def _sku_keys(order: OrderIn | errors.Invalid) -> list[str]:
    if isinstance(order, errors.Invalid):
        return []
    return sorted({lines.sku_key(line) for line in order.lines})


def answered_before(asked: Asked, earlier: placement.Earlier) -> Answer | None:
    """Return the stored answer of the same request; raise when key or reference meant another."""
    if earlier.key_fingerprint is not None:
        if earlier.key_fingerprint != asked.fingerprint:
            raise idempotency.KeyReused
        body = earlier.key_body or earlier.order_answer or ""
        status = earlier.key_status or 201
        return Answer(status, body, earlier.key_location or "", replayed=True)
    if earlier.order_number is None:
        return None
    location = location_of(earlier.order_number)
    if earlier.order_fingerprint != asked.fingerprint:
        raise OrderExists(order=location)
    return Answer(200, earlier.order_answer or "", location, replayed=True)


def location_of(number: str) -> str:
    """Return the address of an order in the API."""
    return f"/api/v1/orders/{number}/"


def _situation(
    order: OrderIn,
    known: placement.LookUp,
    who: identity.Identity,
    address: Checked | None,
    channel: ChannelFacts,
    origin: str,
    at: datetime,
) -> Situation:
    customer = who.customer
    amounts = drafting.price(order)
    unpaid = amounts.total_amount - drafting.tendered(order)
    return Situation(
        channel=channel,
        origin=origin,
        at=at,
        number=known.number,
        amounts=amounts,
        customer_id=who.customer_id,
        phone=customer.phone if customer else "",
        blocked_reason=(customer.blocked_reason or "-")
        if customer and customer.is_blocked
        else None,
        credit_over=credit.over_limit(customer, currency=order.currency, unpaid=unpaid)
        if customer
        else None,
        duplicate_of=duplicates.of(order, channel.id, who.customer_id, at)
        if channel.duplicate_check
        else None,
        address=address,
        meanings=known.meanings,
        goods=known.goods,
    )


def _refusal(draft: Draft, channel: ChannelFacts) -> errors.DomainError | None:
    if draft.unknown and channel.unknown_sku_policy == Channel.UnknownSku.REFUSE:
        return UnknownProduct(skus=sorted(set(draft.unknown)))
    if draft.short and channel.shortage_policy == Channel.Shortage.REFUSE:
        return OutOfStock(short=[{"sku": sku, "missing": n} for sku, n in draft.short.items()])
    return None


def _keep_refusal(
    asked: Asked, refusal: errors.DomainError, channel: ChannelFacts, at: datetime
) -> Answer:
    answer = Answer(refusal.status, sql.to_json(errors.document(refusal)))
    if asked.key is not None:
        row = idempotency.row(channel.id, asked.key, asked.fingerprint, answer, at)
        _insert((IdempotencyKey, [row]))
    return answer


def _write(
    asked: Asked,
    draft: Draft,
    who: identity.Identity,
    address: Checked | None,
    actor: Actor,
    at: datetime,
) -> Answer:
    """Insert every row of the order in one statement and return its answer."""
    order = draft.order
    document = answers.order(
        order=order,
        lines=draft.lines,
        components=draft.components,
        holds=draft.holds,
        payments=draft.payments,
    )
    answer = Answer(201, sql.to_json(document), location_of(order["number"]))
    intake = {"order_id": order["id"], "fingerprint": asked.fingerprint, "answer": answer.body}
    stored = Answer(201, "", answer.location)
    keys = (
        [idempotency.row(order["channel_id"], asked.key, asked.fingerprint, stored, at)]
        if asked.key is not None
        else []
    )
    _insert(
        *who.new_rows,
        (Address, [address_book.address_row(who.customer_id, address, at)])
        if address and who.customer_id
        else (Address, []),
        (Order, [order]),
        *((OrderLine, rows) for rows in unfolding.by_shape(draft.lines, draft.components)),
        (Hold, draft.holds),
        (Payment, draft.payments),
        (Intake, [intake]),
        (IdempotencyKey, keys),
        (Reservation, reservations.rows(draft.promises)),
        (Event, _events(draft, actor, at)),
    )
    if who.customer and who.changes:
        identity.change(changes={who.customer.id: who.changes}, at=at)
    return answer


def _insert(*tables: Any) -> None:
    try:
        sql.insert(*tables)
    except IntegrityError as error:
        if commands.constraint(error) in TWIN_CONSTRAINTS:
            raise commands.Rerun from error
        raise


def _events(draft: Draft, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    order = draft.order
    payload = {
        "number": order["number"],
        "lines": len(draft.lines),
        "holds": [hold["kind"] for hold in draft.holds],
        "short": order["is_short"],
    }
    rows = [_event("order.placed", order, 1, payload, actor, at)]
    if order["released_at"]:
        rows.append(_event("order.released", order, 2, {"number": order["number"]}, actor, at))
    return rows


def _event(
    type_: str,
    order: Mapping[str, Any],
    version: int,
    payload: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    return events.row(
        type=type_,
        aggregate="order",
        aggregate_id=order["id"],
        subject_id=order["id"],
        channel_id=order["channel_id"],
        version=version,
        at=at,
        actor=actor,
        command_id=order["id"],
        payload=payload,
        silent=order["origin"] == states.Origin.HISTORY,
    )


def _reserve(draft: Draft, actor: Actor, at: datetime) -> None:
    quantities: dict[UUID, int] = {}
    for promise in draft.promises:
        quantities[promise.level_id] = quantities.get(promise.level_id, 0) + promise.quantity
    reservations.take(
        quantities=quantities,
        command_id=ids.new(),
        subject_id=draft.order["id"],
        document=draft.order["number"],
        actor=actor,
        at=at,
    )
