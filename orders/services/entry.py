"""Orders that staff enter: the same document, the same placement as a channel's own.

What staff add to it is who orders, chosen by hand among all customers they may see, and a payment
of whatever the order comes to. The reference is made with the form, so a form sent twice places one
order.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel import commands, ids, money
from config.kernel.actors import Actor
from config.kernel.callers import ChannelFacts
from config.kernel.errors import Fault, Invalid
from config.kernel.fingerprints import of as fingerprint_of
from config.kernel.idempotency import Answer
from customers.services import identity
from customers.services.identity import Known
from orders import contract, states
from orders.queries import duplicates
from orders.services import drafting, placement, rehearsal
from orders.services.rehearsal import Rehearsal

ROUTE = "staff"
LINE = re.compile(r"\$\.lines\[(\d+)\]")
FIELD = re.compile(r"\$\.(\w+)")
NEEDED = frozenset({"reference", "currency", "lines"})

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A form as it was sent: the document, and who was chosen; `token` was made with the form.

    A payment in the document has no amount: it pays the whole.
    """

    token: str
    document: Document
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an entry comes to so far.

    `places` are the positions in the entry of the lines that were rehearsed: a line with a fault is
    left out, as is a field. `twin` is an order it looks like a second of.
    """

    faults: Sequence[Fault]
    places: Sequence[int] = ()
    shown: Rehearsal | None = None
    twin: str | None = None


@commands.command
def place(*, entry: Entry, channel: ChannelFacts, actor: Actor, at: datetime) -> Answer:
    """Place what staff entered, once per form; promises and raises as `placement.place` does.

    A chosen customer of another channel becomes known to this one. Raises `Invalid` also for an
    order without a name.
    """
    faults = [*_nameless(entry.document)]
    try:
        document = _paid(_identified(entry, channel), channel, at)
    except Invalid as invalid:
        raise Invalid([*faults, *invalid.faults]) from invalid
    if faults:
        raise Invalid(faults)
    if entry.customer_id is not None:
        identity.recognise(
            channel_id=channel.id,
            reference=document["customer"]["reference"],
            customer_id=entry.customer_id,
        )
    return placement.place(
        document=document,
        fingerprint=fingerprint_of(ROUTE, document),
        key=None,
        channel=channel,
        actor=actor,
        origin=states.Origin.STAFF,
        at=at,
    )


def preview(*, entry: Entry, channel: ChannelFacts, at: datetime) -> Preview:
    """Return what the entry comes to so far, without a lock or a write; nothing is ever refused."""
    document = {**_identified(entry, channel), "lines": entry.document.get("lines", [])}
    places = list(range(len(document["lines"])))
    faults: list[Fault] = []
    while document["lines"]:
        try:
            return _rehearsed(entry.customer_id, document, places, faults, channel, at)
        except Invalid as invalid:
            faults.extend(_in_entry(fault, places) for fault in invalid.faults)
            document = _without(document, places, invalid.faults)
    return Preview(faults)


def _rehearsed(
    customer_id: UUID | None,
    document: dict[str, Any],
    places: list[int],
    faults: list[Fault],
    channel: ChannelFacts,
    at: datetime,
) -> Preview:
    customer = identity.known(customer_id=customer_id) if customer_id else None
    paid = _paid(document, channel, at)
    shown = rehearsal.rehearse(
        document=paid,
        fingerprint="",
        channel=channel,
        origin=states.Origin.STAFF,
        at=at,
        customer=customer,
    )
    twin = _twin(paid, customer, channel, at) if customer else None
    return Preview(faults, places, shown, twin)


def _twin(document: Document, customer: Known, channel: ChannelFacts, at: datetime) -> str | None:
    order = contract.check(document, currencies=channel.currencies, at=at)
    return duplicates.of(order, channel.id, customer.id, at)


def _nameless(document: Document) -> Sequence[Fault]:
    customer = document.get("customer") or {}
    if customer.get("name") or customer.get("company"):
        return ()
    return (Fault("$.customer.name", "required", "Name the customer."),)


def _identified(entry: Entry, channel: ChannelFacts) -> dict[str, Any]:
    """The document with the reference made of the form's token, and who orders by a key of ours."""
    who = entry.customer_id or ids.derived("entered", channel.id, entry.token)
    customer = {**(entry.document.get("customer") or {}), "reference": str(who)}
    reference = f"{channel.code}-{entry.token}"
    return {**entry.document, "reference": reference, "customer": customer}


def _paid(document: dict[str, Any], channel: ChannelFacts, at: datetime) -> dict[str, Any]:
    """The document with its payment made one of the whole; raises `Invalid` as placing would."""
    unpaid = {name: value for name, value in document.items() if name != "payments"}
    order = contract.check(unpaid, currencies=channel.currencies, at=at)
    total = drafting.price(order).total_amount
    if total <= 0 or not document.get("payments"):
        return unpaid
    (payment,) = document["payments"]
    paid = {**payment, "status": states.TenderStatus.PAID.value, "amount": money.text(total)}
    document = {**unpaid, "payments": [paid]}
    contract.check(document, currencies=channel.currencies, at=at)
    return document


def _in_entry(fault: Fault, places: Sequence[int]) -> Fault:
    """The fault with the position its line has in the entry."""
    line = LINE.match(fault.path)
    if line is None:
        return fault
    rest = fault.path[line.end() :]
    return Fault(f"$.lines[{places[int(line[1])]}]{rest}", fault.code, fault.detail)


def _without(
    document: dict[str, Any], places: list[int], faults: Sequence[Fault]
) -> dict[str, Any]:
    """The document without its lines and fields that have a fault; `places` follow."""
    lines = {int(found[1]) for fault in faults if (found := LINE.match(fault.path))}
    fields = {found[1] for fault in faults if (found := FIELD.match(fault.path))} - {"lines"}
    kept = [place for place in range(len(places)) if place not in lines]
    if fields & NEEDED or not (lines or fields & document.keys()):
        kept = []  # nothing more can be left out
    places[:] = [places[place] for place in kept]
    left = {name: value for name, value in document.items() if name not in fields}
    return {**left, "lines": [document["lines"][place] for place in kept]}
