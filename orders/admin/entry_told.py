"""Tells who enters an order what it comes to: in words and amounts, ready to be put on the page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, money, words
from config.kernel.errors import DomainError, Fault, Invalid
from config.kernel.models import Channel
from inventory.models import Warehouse
from orders import headlines
from orders.errors import OrderExists
from orders.headlines import OpenHold
from orders.services.entry import Preview
from orders.services.rehearsal import Rehearsal
from orders.states import HoldKind

FAULTS = {
    "required": gettext_lazy("Please fill this in."),
    "string_too_short": gettext_lazy("Please fill this in."),
    "too_short": gettext_lazy("Add at least one line."),
    "int_type": gettext_lazy("A whole number, please."),
    "decimal": gettext_lazy("A number such as 2.55, please."),
    "decimal_max_places": gettext_lazy("These are too many decimals."),
    "too_many_decimals": gettext_lazy("These are too many decimals."),
    "greater_than": gettext_lazy("This is too little."),
    "greater_than_equal": gettext_lazy("This is too little."),
    "less_than_equal": gettext_lazy("This is too much."),
    "string_too_long": gettext_lazy("This is too long."),
    "string_pattern_mismatch": gettext_lazy("This does not look right."),
    "date": gettext_lazy("A day, please."),
    "moment": gettext_lazy("A day, please."),
    "currency_not_allowed": gettext_lazy("This channel does not sell in this currency."),
    "more_than_line": gettext_lazy("The discount is more than the line."),
    "more_than_order": gettext_lazy("The discount is more than the order."),
    "too_much": gettext_lazy("The order is worth more than can be kept."),
}
SHORT = {
    Channel.Shortage.BACKORDER: gettext_lazy("%(missing)s of %(quantity)s will be backordered"),
    Channel.Shortage.HOLD: gettext_lazy("%(missing)s of %(quantity)s are missing"),
    Channel.Shortage.PARTIAL: gettext_lazy("%(missing)s of %(quantity)s will be cancelled"),
    Channel.Shortage.REFUSE: gettext_lazy("%(missing)s of %(quantity)s are not there"),
}

Told = dict[str, Any]


def faults(found: Iterable[Fault]) -> list[Told]:
    """Return what is wrong, each with the path of its field."""
    return [
        {"path": one.path, "text": str(FAULTS.get(one.code, one.detail))}
        for one in dict.fromkeys(found)
    ]


def refusal(error: DomainError, lines: Sequence[Mapping[str, Any]]) -> Told:
    """Return why nothing was placed: faults beside their fields, and what stands above them."""
    if isinstance(error, Invalid):
        return {"faults": faults(error.faults)}
    if isinstance(error, OrderExists):
        return {"faults": [], "told": _("This form was placed already; see the list of orders.")}
    return problem({"code": error.code, "detail": error.told(), **error.params}, lines)


def problem(document: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Told:
    """Return a refusal of the channel's rules, with what it names beside the lines it names."""
    missing = {one["sku"]: one["missing"] for one in document.get("short", ())}
    found = []
    for place, line in enumerate(lines):
        sku, path = line.get("sku", ""), f"$.lines[{place}]"
        if sku in missing:
            text = _("%(missing)s of these are not there.") % {"missing": missing[sku]}
            found.append({"path": f"{path}.quantity", "text": text})
        if sku in document.get("skus", ()):
            text = _("No product is called so.")
            found.append({"path": f"{path}.sku", "text": text})
    return {"faults": found, "told": "" if found else document.get("detail", "")}


def preview(shown: Preview, channel: Channel) -> Told:
    """Return what the entry comes to so far."""
    told: Told = {"faults": faults(shown.faults), "lines": {}, "totals": [], "notes": []}
    if shown.shown is None:
        return told
    draft = shown.shown.draft
    currency = draft.order["currency"]
    return told | {
        "lines": dict(_lines(shown, channel)),
        "totals": [
            {"label": label, "amount": words.amount(amount, currency), "is_sum": is_sum}
            for label, amount, is_sum in _totals(draft.order, draft.payments)
        ],
        "total": words.amount(draft.order["total_amount"], currency),
        "promise": list(_promise(shown.shown)),
        "notes": list(_notes(shown, channel)),
    }


def _lines(shown: Preview, channel: Channel) -> Iterator[tuple[int, Told]]:
    made = shown.shown
    if made is None:
        return
    names = dict(Warehouse.objects.values_list("pk", "code"))
    for place, row, part in zip(shown.places, made.draft.lines, made.amounts.lines, strict=True):
        meaning = made.meanings.get(row["sku_key"])
        goods = [component.good for component in meaning.components] if meaning else []
        only = meaning.only if meaning else None
        yield (
            place,
            {
                "amount": words.amount(part.amount, made.draft.order["currency"]),
                "name": ", ".join(good.name for good in goods),
                "available": " · ".join(
                    f"{names[warehouse]} {words.count(left)}"
                    for warehouse, _priority, left in sorted(
                        only.levels.values(), key=lambda level: (level[1], str(level[0]))
                    )
                )
                if only and only.is_stocked
                else "",
                "notes": list(_line_notes(made, row, channel)),
            },
        )


def _line_notes(made: Rehearsal, row: Mapping[str, Any], channel: Channel) -> Iterator[Told]:
    draft, currency = made.draft, made.draft.order["currency"]
    if row["sku"] in draft.unknown:
        yield {"tone": "wait", "text": _("No product is called so; the order waits on hold.")}
    missing = _missing(made, row)
    if missing:
        told = {"missing": words.count(missing), "quantity": words.count(_asked(row))}
        yield {"tone": "wait", "text": SHORT[Channel.Shortage(channel.shortage_policy)] % told}
    for hold in draft.holds:
        if hold["kind"] == HoldKind.PRICE:
            for wrong in hold["params"]["lines"]:
                if (wrong["sku"], wrong["price"]) == (row["sku"], money.text(row["unit_price"])):
                    price = words.unit_price(Decimal(wrong["expected"]), currency)
                    text = _("Far from the list price of %(price)s") % {"price": price}
                    yield {"tone": "wait", "text": text}


def _asked(row: Mapping[str, Any]) -> int:
    return int(row.get("set_quantity") or row["ordered"])


def _missing(made: Rehearsal, row: Mapping[str, Any]) -> int:
    """Units of a line that are not there, in units as they were asked for."""
    draft = made.draft
    own = [row] if not row.get("set_quantity") else []
    parts = [part for part in draft.components if part["parent_line_id"] == row["id"]]
    missing = 0
    for part in own or parts:
        units = part["backordered"] + part["cancelled"]
        if not units and part["pending"] and part["sku"] in draft.short:
            units = min(part["ordered"], draft.short[part["sku"]])
        missing = max(missing, -(-units // (part.get("per_kit") or 1)))
    return missing


def _totals(
    order: Mapping[str, Any], payments: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Decimal, bool]]:
    net = not order["prices_include_tax"]
    yield _("Lines"), order["subtotal_amount"], False
    if order["discount_amount"]:
        yield _("Discount"), -order["discount_amount"], False
    if order["shipping_amount"]:
        yield _("Shipping"), order["shipping_amount"], False
    if net:
        yield _("Tax"), order["tax_amount"], False
    yield _("Total"), order["total_amount"], True
    if not net and order["tax_amount"]:
        yield _("of which tax"), order["tax_amount"], False
    if payments:
        yield _("Paid"), order["paid_amount"], False


def _promise(made: Rehearsal) -> Iterator[Told]:
    """When it leaves, and from where."""
    order, draft = made.draft.order, made.draft
    if made.refusal is not None:
        return
    if order["allocate_at"]:
        yield {"label": _("Not before"), "amount": words.day(order["ship_not_before"])}
    elif order["ship_by"] is not None:
        label = _("Ship by, what is there") if order["is_short"] else _("Ship by")
        yield {"label": label, "amount": words.deadline(order["ship_by"], clock.now())}
        yield {"label": _("From"), "amount": ", ".join(_places(made))}
    elif any(row["is_stocked"] for row in draft.carriers):
        yield {"label": _("Ship by"), "amount": _("nobody can say yet")}


def _places(made: Rehearsal) -> list[str]:
    used = {promise.level_id for promise in made.draft.promises}
    goods = [part.good for meaning in made.meanings.values() for part in meaning.components]
    where = {
        level[0] for good in goods for level_id, level in good.levels.items() if level_id in used
    }
    codes = Warehouse.objects.filter(pk__in=where).order_by("priority", "code")
    return list(codes.values_list("code", flat=True))


def _notes(shown: Preview, channel: Channel) -> Iterator[Told]:
    """What the order would wait for, and what else is worth a look."""
    made = shown.shown
    if made is None:
        return
    if channel.is_test:
        yield {"tone": "quiet", "text": _("A test order: it gets no stock and is never shipped")}
    if made.refusal is not None:
        yield {"tone": "bad", "text": made.refusal.told()}
    kinds = set()
    hidden = _of_faulty_fields(shown.faults)
    for hold in made.draft.holds:
        kinds.add(hold["kind"])
        if hold["kind"] in hidden:
            continue
        told = headlines.of_hold(
            OpenHold(hold["kind"], hold["params"]), made.draft.order["currency"]
        )
        text = _("Would wait: %(why)s – %(actor)s") % {
            "why": headlines.sentence(told),
            "actor": headlines.next_actor(told),
        }
        yield {"tone": "wait", "text": text}
    if shown.twin and HoldKind.DUPLICATE not in kinds:
        text = _("Looks like a second %(order)s") % {"order": shown.twin}
        yield {"tone": "wait", "text": text}


def _of_faulty_fields(found: Iterable[Fault]) -> set[str]:
    """Holds that are only there because a field with a fault was left out."""
    addressed = any(fault.path.startswith("$.shipping_address") for fault in found)
    return {HoldKind.ADDRESS} if addressed else set()
