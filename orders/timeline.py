"""What happened to an order, told in the reader's language from an event's type and payload."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import words
from orders.states import HoldKind, TenderStatus

Payload = Mapping[str, Any]


def tell(type_: str, payload: Payload) -> str:
    """Return the sentence of an event; a type without one is told by its own words."""
    say = _SENTENCES.get(type_)
    if say is None:
        return type_.replace("_", " ").replace(".", ": ")
    return say(payload)


def _cause(payload: Payload) -> str:
    kind = payload.get("hold", "")
    return str(HoldKind(kind).label) if kind in HoldKind.values else kind


def _units(payload: Payload) -> int:
    return sum(line.get("quantity", 0) for line in payload.get("lines", ()))


def _because(text: str, payload: Payload) -> str:
    reason = payload.get("reason")
    return f"{text}: {reason}" if reason else text


def _held(payload: Payload) -> str:
    return _because(_("Put on hold: %(cause)s") % {"cause": _cause(payload)}, payload)


def _released_hold(payload: Payload) -> str:
    return _because(_("Hold released: %(cause)s") % {"cause": _cause(payload)}, payload)


def _reminder(payload: Payload) -> str:
    if not payload.get("on"):
        return _("Reminder taken off: %(cause)s") % {"cause": _cause(payload)}
    day = words.day(date.fromisoformat(payload["on"]))
    return _("Reminder on %(day)s: %(cause)s") % {"day": day, "cause": _cause(payload)}


def _lines_cancelled(payload: Payload) -> str:
    units = _units(payload)
    text = ngettext("%(count)d unit cancelled", "%(count)d units cancelled", units)
    return _because(text % {"count": units}, payload)


def _requested(payload: Payload) -> str:
    units = _units(payload)
    text = ngettext(
        "Cancellation of %(count)d unit asked of the warehouse",
        "Cancellation of %(count)d units asked of the warehouse",
        units,
    )
    return _because(text % {"count": units}, payload)


def _available(payload: Payload) -> str:
    units = _units(payload)
    if payload.get("other_order"):
        text = ngettext(
            "%(count)d unit received from %(order)s",
            "%(count)d units received from %(order)s",
            units,
        )
        return _because(text % {"count": units, "order": payload["other_order"]}, payload)
    if not units:
        return _("Stock came in and was allocated")
    text = ngettext("%(count)d unit allocated", "%(count)d units allocated", units)
    return text % {"count": units}


def _lost(payload: Payload) -> str:
    units = _units(payload)
    if payload.get("other_order"):
        text = ngettext(
            "%(count)d unit given to %(order)s", "%(count)d units given to %(order)s", units
        )
        return _because(text % {"count": units, "order": payload["other_order"]}, payload)
    text = ngettext(
        "Stock is missing: %(count)d unit waits again",
        "Stock is missing: %(count)d units wait again",
        units,
    )
    return text % {"count": units}


def _paid(payload: Payload) -> str:
    status = payload.get("status", "")
    shown = TenderStatus(status).label if status in TenderStatus.values else status
    told = {"method": payload.get("method", ""), "status": shown}
    return _("Payment recorded: %(method)s, %(status)s") % told


_SENTENCES: dict[str, Callable[[Payload], str]] = {
    "order.placed": lambda _p: _("Order placed"),
    "order.imported": lambda _p: _("Order imported"),
    "order.held": _held,
    "order.hold_released": _released_hold,
    "order.hold_reminder": _reminder,
    "order.released": lambda _p: _("Released to the warehouse"),
    "order.taken_back": lambda _p: _("Taken back from the warehouse's list"),
    "order.backordered": lambda _p: _("Backordered: waiting for stock"),
    "order.lines_available": _available,
    "order.allocation_lost": _lost,
    "order.cancelled": lambda p: _because(_("Order cancelled"), p),
    "order.lines_cancelled": _lines_cancelled,
    "order.cancellation_requested": _requested,
    "order.address_corrected": lambda _p: _("Delivery address corrected"),
    "order.payment_recorded": _paid,
    "order.shipped": lambda _p: _("Shipped"),
    "order.noted": lambda p: _("Note written and pinned") if p.get("pinned") else _("Note written"),
    "order.note_pinned": lambda _p: _("Note pinned"),
    "order.note_unpinned": lambda _p: _("Note unpinned"),
    "order.note_removed": lambda _p: _("Note removed"),
    "order.tagged": lambda p: _because(_("Tagged"), p),
    "order.untagged": lambda p: _because(_("Tag removed"), p),
    "credit.recorded": lambda _p: _("Credit recorded"),
}
