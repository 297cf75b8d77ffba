"""Says why an order failed, in the reader's language, from codes and facts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Facts = Mapping[str, Any]
SHOWN = 3

ACTOR = gettext_lazy("E-commerce")

_LABELS = {
    "invalid": gettext_lazy("Content not valid"),
    "order_exists": gettext_lazy("Reference used before"),
    "idempotency_key_reused": gettext_lazy("Key used before"),
    "out_of_stock": gettext_lazy("Out of stock"),
    "unknown_product": gettext_lazy("Unknown product"),
    "busy": gettext_lazy("System was busy"),
    "server_error": gettext_lazy("Failure on our side"),
    "malformed": gettext_lazy("Not readable"),
    "too_large": gettext_lazy("Too large"),
    "unsupported_media_type": gettext_lazy("Not JSON"),
    "rows_refused": gettext_lazy("Rows of a file"),
}

_SENTENCES: dict[str, Callable[[Facts], str]] = {
    "order_exists": lambda _p: _("An order with this reference has other content"),
    "idempotency_key_reused": lambda _p: _("Its key was used for another order"),
    "out_of_stock": lambda p: (
        _("Not in stock: %(missing)s")
        % {"missing": ", ".join(f"{one['missing']} × {one['sku']}" for one in p["short"][:SHOWN])}
    ),
    "unknown_product": lambda p: (
        _("Unknown product %(skus)s, and the sales channel takes none")
        % {"skus": ", ".join(p["skus"][:SHOWN])}
    ),
    "busy": lambda _p: _("The system was busy; trying again is safe"),
    "server_error": lambda _p: _("Something went wrong on our side; it is in the log"),
    "rows_refused": lambda p: _("Rows of %(file)s could not be read") % {"file": p.get("file", "")},
}

_FAULTS = {
    "required": gettext_lazy("is missing"),
    "unknown_field": gettext_lazy("is not a field of an order; own data belongs into metadata"),
    "currency_not_allowed": gettext_lazy("is not a currency of this sales channel"),
    "currency": gettext_lazy("is not a currency"),
    "in_the_future": gettext_lazy("is more than 24 hours ahead"),
    "too_many_decimals": gettext_lazy("has more decimals than its currency"),
    "more_than_line": gettext_lazy("is more than the line is worth"),
    "more_than_order": gettext_lazy("is more than the order is worth"),
    "greater_than_equal": gettext_lazy("is too small"),
    "less_than_equal": gettext_lazy("is too large"),
    "decimal": gettext_lazy("is not a number"),
    "moment": gettext_lazy("is not a moment with its offset"),
    "date": gettext_lazy("is not a date"),
    "string_too_long": gettext_lazy("is too long"),
    "string_too_short": gettext_lazy("is empty"),
    "too_short": gettext_lazy("has too few entries"),
    "control_character": gettext_lazy("holds characters that cannot be printed"),
}


def label(code: str) -> str:
    """Return what a kind of failure is called."""
    return str(_LABELS.get(code, code))


def sentence(code: str, params: Facts, faults: Sequence[Facts], detail: str) -> str:
    """Return why an order failed; of several errors the first, and how many more there are."""
    if code in _SENTENCES:
        return _SENTENCES[code](params)
    if not faults:
        return detail
    first = _("%(field)s %(fault)s") % {"field": field(faults[0]), "fault": fault(faults[0])}
    if len(faults) == 1:
        return first
    return _("%(first)s, and %(count)d more") % {"first": first, "count": len(faults) - 1}


def fault(one: Facts) -> str:
    """Return what is wrong with one field; what nobody here has words for in the API's own."""
    return str(_FAULTS.get(one.get("code", ""), one.get("detail") or one.get("code", "")))


def field(one: Facts) -> str:
    """Return where an error is, without what every path begins with."""
    path = str(one.get("path", "")).removeprefix("$").removeprefix(".")
    return path or _("The order")
