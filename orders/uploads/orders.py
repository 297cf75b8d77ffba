"""Files of orders: one row a line; each order is placed like one that came over the API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel import errors
from config.kernel.callers import ChannelFacts
from config.kernel.models import Channel
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from orders import contract, states
from orders.models import Order
from orders.queries import listed
from orders.queries.listed import Listed
from orders.services import placement, rehearsal
from orders.uploads import documents
from orders.uploads.columns import LINE_COLUMNS, LINE_NAMES, ORDER_COLUMNS


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    """Find the orders that are there already, and look through those that are not."""
    channels = {
        channel.code: channel
        for channel in Channel.objects.visible_to(behalf.user).filter(is_active=True)
    }
    orders: dict[str, list[Row]] = {}
    for row in rows:
        orders.setdefault(_group(row.values), []).append(row)
    known = _known(rows, channels)
    prints = listed.fingerprints(one.id for one in known.values())
    for lines in orders.values():
        channel = channels.get(lines[0].values["channel"].upper())
        for row in lines:
            row.record = channel
            if channel is None:
                row.refuse("unknown_channel", "channel")
        if channel is None:
            continue
        there = known.get((channel.code, lines[0].values["reference"]))
        if there is None:
            _look_through(lines, channel, behalf)
        elif prints.get(there.id) == documents.fingerprint(documents.document(lines, channel)):
            _leave(lines, there)
        else:
            _compare(lines, there)


def _known(rows: Sequence[Row], channels: Mapping[str, Channel]) -> dict[tuple[str, str], Listed]:
    found = Order.objects.filter(
        channel__in=channels.values(), reference__in={row.values["reference"] for row in rows}
    )
    return {(one.channel, one.reference): one for one in listed.orders(found.order_by("pk"))}


def _leave(rows: Sequence[Row], there: Listed) -> None:
    """The very order that came in before changes nothing."""
    for row in rows:
        row.present, row.target_id = dict(row.values), there.id


def _compare(rows: Sequence[Row], there: Listed) -> None:
    """An order that is there is changed on its page, never by a file; empty cells say nothing."""
    for row in rows:
        row.values = {key: value for key, value in row.values.items() if value not in (None, "")}
    by_line = sorted(rows, key=lambda row: _order_of(row.values, row.values))
    lines = sorted(there.lines, key=lambda line: _order_of(line, rows[0].values))
    for row, line in zip(by_line, lines, strict=False):
        row.values["channel"] = there.channel
        row.present, row.target_id = line, there.id
        other = [name for name in ORDERS.differences(row) if name != "channel"]
        if other:
            row.refuse("order_differs", names=", ".join(other), number=line["number"])
    for row in by_line[len(lines) :]:
        row.refuse("order_lacks_line", "sku", number=there.lines[0]["number"])
    if len(lines) > len(by_line):
        rows[0].refuse("order_has_more", number=there.lines[0]["number"])


def _order_of(values: Values, given: Values) -> tuple[str, ...]:
    """Return what tells lines of an order apart, in the columns that the file has."""
    return tuple(str(values.get(name, "")) for name in LINE_NAMES if name in given)


def _look_through(rows: Sequence[Row], channel: Channel, behalf: Behalf) -> None:
    for row in rows[1:]:
        _refuse_contradictions(rows[0], row)
    if any(row.faults for row in rows) or behalf.is_final:
        return
    document, facts = documents.document(rows, channel), ChannelFacts.of(channel)
    try:
        contract.check(document, currencies=facts.currencies, at=behalf.at)
        refusal = _refusal(document, facts, behalf)
    except errors.Invalid as invalid:
        for fault in invalid.faults:
            documents.refuse_fault(rows, fault)
    else:
        if refusal is not None:
            rows[0].refuse(refusal.code, **_told(refusal.params))


def _refuse_contradictions(first: Row, row: Row) -> None:
    """What concerns the whole order stands on its first row; later rows repeat it or are empty."""
    for column in ORDER_COLUMNS:
        value = row.values.get(column.name)
        if value not in (None, "", first.values.get(column.name)) and column.name != "channel":
            row.refuse("differs_from_first", column.name, first=first.number)


def _refusal(
    document: Mapping[str, Any], channel: ChannelFacts, behalf: Behalf
) -> errors.DomainError | None:
    """Return why a strict channel takes no such order, which only rehearsing tells."""
    strict = (
        channel.unknown_sku_policy == Channel.UnknownSku.REFUSE
        or channel.shortage_policy == Channel.Shortage.REFUSE
    )
    if not strict:
        return None
    return rehearsal.rehearse(
        document=document,
        fingerprint=documents.fingerprint(document),
        channel=channel,
        origin=states.Origin.IMPORT,
        at=behalf.at,
    ).refusal


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    """Place one order; what its channel refuses is wrong with its first row."""
    if not rows:
        return
    document = documents.document(rows, rows[0].record)
    answer = placement.place(
        document=document,
        fingerprint=documents.fingerprint(document),
        key=None,
        channel=ChannelFacts.of(rows[0].record),
        actor=behalf.actor,
        origin=states.Origin.IMPORT,
        at=behalf.at,
    )
    if answer.status >= 400:
        problem = json.loads(answer.body)
        for row in rows:
            row.refuse(problem["code"], **_told(problem))


def _told(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the SKUs a refusal is about, in words."""
    skus = params.get("skus") or [one["sku"] for one in params.get("short", ())]
    return {"skus": ", ".join(map(str, skus))}


def _group(values: Values) -> str:
    return f"{values['channel'].upper()} {values['reference']}"


def _export(behalf: Behalf) -> Iterator[Values]:
    found = Order.objects.visible_to(behalf.user).order_by("placed_at", "pk")
    for order in listed.orders(found):
        yield from order.lines


ORDERS = Layout(
    code="orders",
    title=_("Orders"),
    icon="receipt_long",
    about=_(
        "One row a line; each order is placed like one that came over the API. An order that is "
        "there already is left as it is."
    ),
    rights=("orders.add_order",),
    view="orders.export_order",
    columns=(*ORDER_COLUMNS, *LINE_COLUMNS),
    key=lambda _values: "",
    group=_group,
    is_whole=True,
    is_single=True,
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("channel", "reference", "sku", "quantity"),
    examples=(
        {column.name: column.example for column in (*ORDER_COLUMNS, *LINE_COLUMNS)},
        {"channel": "WEB", "reference": "WEB-10001", "sku": "POSTAGE", "quantity": "1",
         "unit_price": "4.95"},
    ),
    sentences={
        "unknown_channel": _("%(column)s: there is no active sales channel “%(value)s”."),
        "order_differs": _(
            "This order is there already as %(number)s, with another %(names)s. Orders are changed "
            "on their page."
        ),
        "order_lacks_line": _(
            "This order is there already as %(number)s, without this line. Orders are changed on "
            "their page."
        ),
        "order_has_more": _("This order is there already as %(number)s, with more lines."),
        "differs_from_first": _(
            "%(column)s: “%(value)s” is not what row %(first)s of the same order says."
        ),
        "order_invalid": _("%(column)s: %(detail)s"),
        "unknown_product": _("This sales channel takes no unknown SKUs: %(skus)s."),
        "out_of_stock": _("This sales channel takes no backorders, and stock is short: %(skus)s."),
    },
)  # fmt: skip
