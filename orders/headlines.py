"""One plain state per order, why it is not shipped, and who acts next.

`decide` turns facts into a code and parameters; `state` and `sentence` say them at display, in the
reader's language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from config.kernel import words
from orders.states import FulfillmentStatus, HoldKind, OrderStatus, Origin

# Which of several holds is named: what a person must decide first comes first.
HOLD_ORDER = (
    HoldKind.FRAUD,
    HoldKind.BLOCKED_CUSTOMER,
    HoldKind.DUPLICATE,
    HoldKind.MANUAL,
    HoldKind.UNKNOWN_PRODUCT,
    HoldKind.ADDRESS,
    HoldKind.PRICE,
    HoldKind.TOTALS,
    HoldKind.CREDIT,
    HoldKind.PAYMENT,
    HoldKind.SHORTAGE,
)
SALES, FINANCE = gettext_lazy("Sales"), gettext_lazy("Finance")
PURCHASING, WAREHOUSE = gettext_lazy("Purchasing"), gettext_lazy("Warehouse")
ECOMMERCE = gettext_lazy("E-commerce")
MANAGER, NOBODY = gettext_lazy("Manager"), gettext_lazy("nobody: it starts by itself")
HOLD_ACTORS = {
    HoldKind.FRAUD: MANAGER,
    HoldKind.BLOCKED_CUSTOMER: FINANCE,
    HoldKind.DUPLICATE: SALES,
    HoldKind.MANUAL: SALES,
    HoldKind.UNKNOWN_PRODUCT: ECOMMERCE,
    HoldKind.ADDRESS: SALES,
    HoldKind.PRICE: SALES,
    HoldKind.TOTALS: FINANCE,
    HoldKind.CREDIT: FINANCE,
    HoldKind.PAYMENT: FINANCE,
    HoldKind.SHORTAGE: PURCHASING,
}
SHOWN_SKUS = 2


@dataclass(frozen=True, slots=True)
class Buckets:
    """An order's units over all lines, by bucket; `waiting` is what of `pending` needs stock."""

    ordered: int = 0
    cancelled: int = 0
    pending: int = 0
    backordered: int = 0
    reserved: int = 0
    assigned: int = 0
    shipped: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A hold as it stands; `remind_on` is the day somebody wants to be reminded of it."""

    kind: str
    params: Mapping[str, Any]
    placed_by: str = ""
    remind_on: date | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of a SKU that wait for stock, and when more is expected."""

    sku: str
    quantity: int
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an order's headline depends on; `today` is the reader's date."""

    status: str
    fulfillment_status: str
    origin: str
    buckets: Buckets
    today: date
    holds: Sequence[OpenHold] = ()
    missing: Sequence[Missing] = ()
    released_at: datetime | None = None
    ship_not_before: date | None = None
    allocate_on: date | None = None
    ship_complete: bool = False
    is_test: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """A state with the facts of its sentence; `tone` is its look: bad, wait, busy, good, quiet."""

    code: str
    tone: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_unshipped(self) -> bool:
        """Tell whether something still has to leave, so that a reason is due."""
        return self.code not in {"shipped", "delivered", "cancelled"}


def decide(facts: Facts) -> Headline:
    """Return the one state of an order: the first cause, in this order, that keeps it here."""
    return (
        _finished(facts)
        or _held(facts)
        or _test(facts)
        or _planned(facts)
        or _short(facts)
        or _under_way(facts)
    )


def _finished(facts: Facts) -> Headline | None:
    if facts.status == OrderStatus.CANCELLED:
        return Headline("cancelled", "quiet")
    if facts.fulfillment_status == FulfillmentStatus.DELIVERED:
        return Headline("delivered", "good")
    if facts.status == OrderStatus.COMPLETED:
        return Headline("shipped", "good")
    return None


def of_hold(hold: OpenHold, currency: str, others: int = 0) -> Headline:
    """Return the headline of one hold, with how many other holds there are."""
    params = {
        "by": hold.placed_by,
        "currency": currency,
        **hold.params,
        "remind_on": hold.remind_on,
        "others": others,
    }
    return Headline(f"hold_{hold.kind}", "bad", params)


def first(kinds: Sequence[str]) -> str:
    """Return which of several causes is named."""
    return min(kinds, key=lambda kind: HOLD_ORDER.index(HoldKind(kind)))


def _held(facts: Facts) -> Headline | None:
    if not facts.holds:
        return None
    kind = first([hold.kind for hold in facts.holds])
    told = next(hold for hold in facts.holds if hold.kind == kind)
    return of_hold(told, facts.currency, len(facts.holds) - 1)


def _test(facts: Facts) -> Headline | None:
    return Headline("test", "quiet") if facts.is_test else None


def _planned(facts: Facts) -> Headline | None:
    if facts.ship_not_before is None or facts.ship_not_before <= facts.today:
        return None
    params = {"day": facts.ship_not_before, "allocated": facts.allocate_on}
    if facts.buckets.waiting and facts.allocate_on and facts.allocate_on > facts.today:
        return Headline("for_later", "quiet", params)
    return Headline("not_before", "quiet", params)


def _short(facts: Facts) -> Headline | None:
    buckets = facts.buckets
    if not buckets.backordered:
        return None
    params = {
        "units": buckets.backordered,
        "ready": buckets.reserved + buckets.assigned,
        "shipped": buckets.shipped,
        "missing": [(m.sku, m.quantity, m.expected_on) for m in facts.missing],
    }
    if facts.ship_complete and params["ready"]:
        return Headline("backorder_complete", "wait", params)
    if params["ready"]:
        return Headline("backorder_rest", "wait", params)
    return Headline("backorder_shipped" if buckets.shipped else "backorder", "wait", params)


def _under_way(facts: Facts) -> Headline:
    buckets = facts.buckets
    params = {"units": buckets.reserved + buckets.assigned, "shipped": buckets.shipped}
    if buckets.waiting and facts.origin == Origin.HISTORY:
        return Headline("history", "quiet")
    if buckets.waiting:
        return Headline("routing", "busy", {"units": buckets.waiting})
    if buckets.assigned:
        return Headline("in_warehouse", "busy", params)
    if facts.released_at is None:
        return Headline("to_release", "busy", params)
    return Headline("ready", "busy", params)


# -------------------------------------------------------------------------------- at display

Say = Callable[[Mapping[str, Any]], str]


def state(headline: Headline) -> str:
    """Return the state in the reader's language."""
    if headline.code.startswith("hold_"):
        kind = HoldKind(headline.code.removeprefix("hold_"))
        return _("On hold: %(cause)s") % {"cause": kind.label}
    return _STATES[headline.code]()


def sentence(headline: Headline) -> str:
    """Return why the order is not shipped; empty when nothing has to leave."""
    say = _REASONS.get(headline.code)
    if say is None:
        return ""
    text = say(headline.params)
    remind_on = headline.params.get("remind_on")
    if remind_on:
        told = {"sentence": text, "day": words.day(remind_on)}
        text = _("%(sentence)s, reminder on %(day)s") % told
    others = headline.params.get("others", 0)
    if others:
        more = ngettext("and %(count)d more hold", "and %(count)d more holds", others)
        text = f"{text}, {more % {'count': others}}"
    return text


def next_actor(headline: Headline) -> str:
    """Return who acts next; empty when nothing has to leave."""
    if headline.code.startswith("hold_"):
        return str(HOLD_ACTORS[HoldKind(headline.code.removeprefix("hold_"))])
    return str(_ACTORS.get(headline.code, ""))


_STATES: dict[str, Callable[[], str]] = {
    "cancelled": lambda: pgettext("order state", "Cancelled"),
    "delivered": lambda: pgettext("order state", "Delivered"),
    "shipped": lambda: pgettext("order state", "Shipped"),
    "test": lambda: pgettext("order state", "Test"),
    "not_before": lambda: pgettext("order state", "Planned"),
    "for_later": lambda: pgettext("order state", "Planned"),
    "backorder": lambda: pgettext("order state", "Backorder"),
    "backorder_complete": lambda: pgettext("order state", "Backorder"),
    "backorder_rest": lambda: pgettext("order state", "Partly ready"),
    "backorder_shipped": lambda: pgettext("order state", "Partly shipped"),
    "history": lambda: pgettext("order state", "Imported"),
    "routing": lambda: pgettext("order state", "Order routing"),
    "in_warehouse": lambda: pgettext("order state", "In warehouse"),
    "to_release": lambda: pgettext("order state", "To release"),
    "ready": lambda: pgettext("order state", "Ready to pick"),
}
_ACTORS = {
    "test": gettext_lazy("nobody: it stays here"),
    "not_before": NOBODY,
    "for_later": NOBODY,
    "backorder": PURCHASING,
    "backorder_complete": PURCHASING,
    "backorder_rest": PURCHASING,
    "backorder_shipped": PURCHASING,
    "history": NOBODY,
    "routing": SALES,
    "in_warehouse": WAREHOUSE,
    "to_release": SALES,
    "ready": WAREHOUSE,
}


def _of_units(params: Mapping[str, Any]) -> str:
    text = ngettext("%(count)d unit", "%(count)d units", params["units"])
    return text % {"count": params["units"]}


def _of_missing(params: Mapping[str, Any]) -> str:
    missing = params["missing"]
    if not missing:
        return _of_units(params)
    parts = [_of_sku(*entry) for entry in missing[:SHOWN_SKUS]]
    if len(missing) > SHOWN_SKUS:
        rest = len(missing) - SHOWN_SKUS
        more = ngettext("%(count)d more product", "%(count)d more products", rest)
        parts.append(more % {"count": rest})
    return ", ".join(parts)


def _of_sku(sku: str, quantity: int, expected_on: date | None) -> str:
    if expected_on is None:
        return f"{quantity} × {sku}"
    day = words.month_day(expected_on)
    return _("%(quantity)d × %(sku)s, expected %(day)s") % {
        "quantity": quantity,
        "sku": sku,
        "day": day,
    }


def _of_skus(params: Mapping[str, Any]) -> str:
    skus = list(params.get("skus", ()))
    shown = ", ".join(skus[:SHOWN_SKUS])
    return f"{shown} …" if len(skus) > SHOWN_SKUS else shown


def _of_unknown(params: Mapping[str, Any]) -> str:
    skus = params.get("skus", ())
    text = ngettext(
        "Unknown product %(skus)s: map it", "Unknown products %(skus)s: map them", len(skus)
    )
    return text % {"skus": _of_skus(params)}


def _of_shortage(params: Mapping[str, Any]) -> str:
    missing = params.get("missing", {})
    return ", ".join(f"{quantity} × {sku}" for sku, quantity in list(missing.items())[:SHOWN_SKUS])


def address_field(name: str) -> str:
    """Return a field of an address as people call it."""
    fields = {
        "name": _("name"),
        "line1": _("street"),
        "city": _("city"),
        "region": _("region"),
        "postal_code": _("postcode"),
        "country": _("country"),
    }
    return fields.get(name, "")


def _of_address(params: Mapping[str, Any]) -> str:
    named = [address_field(problem.get("field", "")) for problem in params.get("problems", ())]
    if not any(named):
        return _("The delivery address is missing")
    return _("Check the delivery address: %(fields)s") % {"fields": ", ".join(filter(None, named))}


def _of_price(params: Mapping[str, Any]) -> str:
    lines = params.get("lines", ())
    if not lines:
        return _("A price is far from the list price")
    first = lines[0]
    text = (
        _("%(sku)s at %(price)s, never below %(expected)s")
        if first.get("is_floor")
        else _("%(sku)s at %(price)s, list price %(expected)s")
    )
    said = text % {
        "sku": first["sku"],
        "price": _unit_price(first["price"], params),
        "expected": _unit_price(first["expected"], params),
    }
    return f"{said} …" if len(lines) > 1 else said


def _of_money(params: Mapping[str, Any], name: str) -> str:
    amount = params.get(name)
    return words.amount(Decimal(amount), params["currency"]) if amount else _("an amount")


def _unit_price(amount: str, params: Mapping[str, Any]) -> str:
    return words.unit_price(Decimal(amount), params["currency"])


_REASONS: dict[str, Say] = {
    "hold_fraud": lambda _p: _("The shop warns of fraud; somebody has to look"),
    "hold_blocked_customer": lambda p: (
        _("The customer is blocked: %(reason)s") % {"reason": p.get("reason", "")}
    ),
    "hold_duplicate": lambda p: (
        _("Looks like a second %(order)s") % {"order": p.get("order", _("order"))}
    ),
    "hold_manual": lambda p: (
        _("%(by)s: %(reason)s") % {"by": p.get("by", ""), "reason": p.get("reason", "")}
    ),
    "hold_unknown_product": _of_unknown,
    "hold_address": _of_address,
    "hold_price": _of_price,
    "hold_totals": lambda p: (
        _("Charged %(charged)s, but the lines come to %(calculated)s")
        % {"charged": _of_money(p, "charged"), "calculated": _of_money(p, "calculated")}
    ),
    "hold_credit": lambda p: (
        _("%(over)s over the customer's credit limit") % {"over": _of_money(p, "over")}
    ),
    "hold_payment": lambda p: (
        _("Waiting for payment of %(missing)s") % {"missing": _of_money(p, "missing")}
    ),
    "hold_shortage": lambda p: _("Not in stock: %(missing)s") % {"missing": _of_shortage(p)},
    "not_before": lambda p: (
        _("Not to be shipped before %(day)s") % {"day": words.month_day(p["day"])}
    ),
    "test": lambda _p: _("A test order: it gets no stock and is never shipped"),
    "for_later": lambda p: (
        _("Not to be shipped before %(day)s; stock is allocated from %(from)s")
        % {
            "day": words.day(p["day"]),
            "from": words.day(p["allocated"]),
        }
    ),
    "backorder": lambda p: _("Waiting for %(missing)s") % {"missing": _of_missing(p)},
    "backorder_complete": lambda p: (
        _("To be shipped complete; waiting for %(missing)s") % {"missing": _of_missing(p)}
    ),
    "backorder_rest": lambda p: (
        ngettext(
            "%(count)d unit can go, waiting for %(missing)s",
            "%(count)d units can go, waiting for %(missing)s",
            p["ready"],
        )
        % {"count": p["ready"], "missing": _of_missing(p)}
    ),
    "backorder_shipped": lambda p: (
        ngettext(
            "%(count)d unit has left, waiting for %(missing)s",
            "%(count)d units have left, waiting for %(missing)s",
            p["shipped"],
        )
        % {"count": p["shipped"], "missing": _of_missing(p)}
    ),
    "history": lambda _p: _("Imported without touching stock"),
    "routing": lambda p: _("Stock is being allocated for %(units)s") % {"units": _of_units(p)},
    "in_warehouse": lambda p: (
        _("%(units)s being picked and packed") % {"units": _of_units(p)}
        if p["units"]
        else _("Being picked and packed")
    ),
    "to_release": lambda _p: _("Waiting to be released to the warehouse"),
    "ready": lambda p: (
        _("%(units)s allocated and waiting to be picked") % {"units": _of_units(p)}
        if p["units"]
        else _("Nothing to pick; goes with the next despatch")
    ),
}
