"""The order's page: the band that says it all, its lines as bars, its money, its story."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, sections, words
from config.kernel.models import Event
from customers import addresses
from orders import headlines, sets, timeline
from orders.admin import mappings
from orders.headlines import OpenHold
from orders.models import Hold, Order, OrderLine
from orders.queries import console, order_page
from orders.queries.order_page import Whole
from orders.states import HoldKind, HoldStatus, OrderStatus

# The buckets of a line's bar, in the order units leave by, with the look of each.
BUCKETS = {
    "shipped": (gettext_lazy("shipped"), "good"),
    "assigned": (gettext_lazy("in warehouse"), "busy"),
    "reserved": (gettext_lazy("allocated"), "ready"),
    "backordered": (gettext_lazy("backordered"), "wait"),
    "pending": (gettext_lazy("not asked for"), "quiet"),
}
# What to do next, by headline; of any other hold: release it.
NEXT_BUTTONS = {
    "hold_address": "correct-address",
    "hold_payment": "record-payment",
    "hold_shortage": "",
}
NEXT_OF_HOLDS = {"hold_": "release-hold"}
PAID_TONES = {"paid": "good", "authorized": "good", "partially_paid": "wait", "pending": "bad"}
ACTOR_ICONS = {"staff": "person", "channel": "storefront", "customer": "face", "system": "settings"}


def context(order: Order) -> dict[str, Any]:
    """Return everything the page's template prints."""
    known = order_page.whole(order)
    now = clock.now()
    told = console.headline(_columns(order), known.details, timezone.localdate(now))
    return {
        "order": order,
        "customer": order.customer,
        "band": {
            "state": headlines.state(told),
            "tone": told.tone,
            "sentence": headlines.sentence(told),
            "actor": headlines.next_actor(told),
            "ship_by": words.deadline(order.ship_by, now) if order.ship_by else "",
            "deliver_by": words.deadline(order.deliver_by, now) if order.deliver_by else "",
            "is_late": console.is_late(order.ship_by, told, now),
            "next_button": NEXT_BUTTONS.get(told.code, NEXT_OF_HOLDS.get(told.code[:5], "")),
        },
        "lines": list(_lines(known)),
        "holds": [_hold(hold, order) for hold in known.holds],
        "money": _money(order),
        "paid_tone": PAID_TONES.get(order.payment_status, "quiet"),
        "payments": known.payments,
        "credits": known.credits,
        "address": _address(order),
        "billing": _billing(order),
        "story": [_event(event) for event in known.events],
        "sections": list(_sections(order)),
    }


def _columns(order: Order) -> dict[str, Any]:
    names = (
        "status", "fulfillment_status", "origin", "released_at",
        "ship_not_before", "allocate_at", "ship_complete", "is_test", "currency",
    )  # fmt: skip
    return {name: getattr(order, name) for name in names}


def _lines(known: Whole) -> Iterator[dict[str, Any]]:
    """Each line as it was sent; below a set its components, which carry units and amounts."""
    parts: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in known.lines:
        if line.parent_line_id is not None:
            parts[line.parent_line_id].append(line)
    for line in known.lines:
        if line.parent_line_id is not None:
            continue
        below = parts.get(line.pk, [])
        yield _set(line, below, known) if below else _line(line, known)
        yield from ({**_line(part, known), "is_part": True} for part in below)


def _line(line: OrderLine, known: Whole) -> dict[str, Any]:
    units = {name: getattr(line, name) for name in sets.COUNTED}
    shown = _shown(line, line.ordered, units, line.amount, known)
    return {**shown, **_exchange(line, known)}


def _exchange(line: OrderLine, known: Whole) -> dict[str, str]:
    """Where its stock may be given away, or another's got, while the order is open."""
    if not line.is_stocked or line.product_id is None or known.order.status != OrderStatus.OPEN:
        return {}
    shown = {}
    if line.backordered or (line.pending and _is_kept_whole(known)):
        shown["take_url"] = f"{_url('take_stock', known.order)}?line={line.pk}"
    if line.reserved:
        shown["give_url"] = f"{_url('give_stock', known.order)}?line={line.pk}"
    return shown


def _is_kept_whole(known: Whole) -> bool:
    return any(
        hold.kind == HoldKind.SHORTAGE and hold.status == HoldStatus.OPEN for hold in known.holds
    )


def _set(line: OrderLine, parts: Sequence[OrderLine], known: Whole) -> dict[str, Any]:
    """In units sold, as far as its slowest component."""
    units = sets.buckets([vars(part) for part in parts])
    amount = sum((part.amount for part in parts), Decimal(0))
    shown = _shown(line, line.set_quantity or 0, units, amount, known)
    return {**shown, "is_set": True}


def _shown(
    line: OrderLine, ordered: int, units: Mapping[str, int], amount: Decimal, known: Whole
) -> dict[str, Any]:
    currency = known.order.currency
    return {
        "line": line,
        "ordered": ordered,
        "cancelled": units["cancelled"],
        "returned": units["returned"],
        "price": words.unit_price(line.unit_price, currency),
        "amount": words.amount(amount, currency),
        "discount": words.amount(line.discount_amount, currency) if line.discount_amount else "",
        "bar": list(_bar(units, ordered - units["cancelled"])),
        "allocated": known.allocated.get(line.pk, []),
        "attributes": line.attributes.items(),
    }


def _bar(units: Mapping[str, int], wanted: int) -> Iterator[dict[str, Any]]:
    """Each bucket that holds units, with its share of what is still wanted in percent."""
    for bucket, (label, tone) in BUCKETS.items():
        if units[bucket]:
            share = round(100 * units[bucket] / wanted)
            yield {
                "label": label,
                "tone": tone,
                "units": words.count(units[bucket]),
                "share": share,
            }


def _hold(hold: Hold, order: Order) -> dict[str, Any]:
    told = headlines.of_hold(
        OpenHold(hold.kind, hold.params, hold.placed_by, hold.remind_on), order.currency
    )
    return {
        "hold": hold,
        "is_open": hold.status == HoldStatus.OPEN,
        "cause": hold.get_kind_display(),
        "sentence": headlines.sentence(told),
        "actor": headlines.next_actor(told),
        "release_url": f"{_url('release_hold', order)}?hold={hold.pk}",
        "map_url": _map_url(hold, order),
        "remind_url": f"{_url('remind', order)}?hold={hold.pk}",
    }


def _map_url(hold: Hold, order: Order) -> str:
    skus = hold.params.get("skus") if hold.kind == HoldKind.UNKNOWN_PRODUCT else None
    return mappings.add_url(channel=order.channel_id, sku=skus[0]) if skus else ""


def _money(order: Order) -> list[tuple[str, str, bool]]:
    """Label, amount, and whether it is a sum; what is nothing is left out unless it matters."""
    charged = [
        (_("Lines"), order.subtotal_amount),
        (_("Discount"), -order.discount_amount),
        (_("Shipping"), order.shipping_amount),
        *((fee["name"], Decimal(fee["amount"])) for fee in order.fees),
        (_("Tax"), Decimal(0) if order.prices_include_tax else order.tax_amount),
        (_("Rounding"), order.rounding_amount),
    ]
    paid = [
        (_("of which tax"), order.tax_amount if order.prices_include_tax else Decimal(0)),
        (_("Paid"), order.paid_amount),
        (_("Authorised"), order.authorized_amount),
        (_("Refunded"), -order.refunded_amount),
    ]
    due = order.total_amount - order.paid_amount + order.refunded_amount
    last = (_("Overpaid"), -due) if due < 0 else (_("Due"), due)
    rows = [
        *((label, amount, False) for label, amount in charged if amount),
        (_("Charged"), order.total_amount, True),
        *((label, amount, False) for label, amount in paid if amount),
        (*last, True),
    ]
    return [(label, words.amount(amount, order.currency), is_sum) for label, amount, is_sum in rows]


def _address(order: Order) -> dict[str, Any]:
    checked = addresses.check(order.shipping_address)
    return {
        "lines": addresses.lines(checked.address),
        "problems": [headlines.address_field(one.field) for one in checked.problems],
        "is_missing": not order.shipping_address,
    }


def _billing(order: Order) -> list[str]:
    if not order.billing_address or order.billing_address == order.shipping_address:
        return []
    return addresses.lines(addresses.check(order.billing_address).address)


def _event(event: Event) -> dict[str, Any]:
    return {
        "sentence": timeline.tell(event.type, event.payload),
        "who": event.actor_label,
        "when": event.occurred_at,
        "icon": ACTOR_ICONS.get(event.actor_kind, "settings"),
    }


def _sections(order: Order) -> Iterator[dict[str, Any]]:
    """What later apps add, one statement each; a section without a template is not for the page."""
    for section in sections.of("order"):
        if section.template:
            facts = section.load([order.pk]).get(order.pk)
            if facts:
                yield {"template": section.template, "facts": facts}


def _url(button: str, order: Order) -> str:
    return reverse(f"admin:orders_order_{button}", args=[order.pk])
