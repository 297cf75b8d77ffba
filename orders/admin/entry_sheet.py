"""Reads the form of a new order as the page sends it: texts as they were typed, in any language."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import formats

from config.kernel.errors import Fault, Invalid
from config.kernel.models import Channel
from customers.addresses import FIELDS as ADDRESS_FIELDS
from orders.services.entry import Entry

TOKEN = re.compile(r"[0-9A-Z]{10}")
CUSTOMER = ("name", "company", "email", "phone", "vat_number")
TEXTS = ("currency", "shipping_method", "customer_order_number", "gift_message", "note", "priority")
AMOUNTS = ("shipping_amount", "shipping_tax_rate", "discount_amount")
DAYS = ("ship_not_before", "deliver_by")
LINE_AMOUNTS = ("unit_price", "discount_amount", "tax_rate")
TERMS, PAID = "terms", "paid"

Sheet = Mapping[str, Any]


def read(sheet: Sheet) -> Entry:
    """Return what was entered; amounts may be typed as the reader writes them.

    What cannot be read stays as it is, so that the contract says what is wrong with it. Raises
    `Invalid` for a form that is not ours.
    """
    token = _text(sheet, "token")
    if not TOKEN.fullmatch(token):
        raise Invalid([Fault("$.token", "malformed", "This form is not ours.")])
    chosen = _part(sheet, "customer").get("id") or None
    return Entry(token, _document(sheet), chosen and _uuid(chosen, "$.customer.id"))


def channel_of(sheet: Sheet, channels: Iterable[Channel]) -> Channel:
    """Return the channel that was chosen among those the reader may use; raises `Invalid`."""
    wanted = _text(sheet, "channel")
    for channel in channels:
        if str(channel.pk) == wanted:
            return channel
    raise Invalid([Fault("$.channel", "required", "Choose a sales channel.")])


def _document(sheet: Sheet) -> dict[str, Any]:
    """The document of the order, with what was left empty left out."""
    document: dict[str, Any] = {name: _text(sheet, name) for name in TEXTS}
    document |= {name: _number(sheet, name) for name in AMOUNTS}
    document |= {name: _text(sheet, name) for name in DAYS}
    filled = {name: value for name, value in document.items() if value}
    return {
        **filled,
        "prices_include_tax": sheet.get("prices_include_tax") is True,
        "ship_complete": sheet.get("ship_complete") is True,
        "customer": _filled(_part(sheet, "customer"), CUSTOMER),
        "shipping_address": _address(_part(sheet, "shipping_address")),
        "billing_address": _address(_part(sheet, "billing_address")),
        "lines": [_line(line) for line in sheet.get("lines") or [] if isinstance(line, dict)],
        **_payment(_part(sheet, "payment")),
    }


def _line(line: Sheet) -> dict[str, Any]:
    quantity = _text(line, "quantity")
    amounts = {name: _number(line, name) for name in LINE_AMOUNTS}
    return {
        "sku": _text(line, "sku"),
        "quantity": int(quantity) if quantity.isdecimal() and len(quantity) < 10 else quantity,
        **{name: value for name, value in amounts.items() if value},
    }


def _payment(payment: Sheet) -> dict[str, Any]:
    kind = _text(payment, "kind")
    if kind == TERMS:
        days = _text(payment, "days")
        return {"payment_terms_days": int(days) if days.isdecimal() and len(days) < 6 else days}
    if kind == PAID:
        return {"payments": [_filled(payment, ("method", "reference"))]}
    return {}


def _address(address: Sheet) -> dict[str, str] | None:
    """The address; the country alone, which the form suggests, is none."""
    filled = _filled(address, ADDRESS_FIELDS)
    return filled if filled.keys() - {"country"} else None


def _filled(part: Sheet, names: Iterable[str]) -> dict[str, str]:
    return {name: text for name in names if (text := _text(part, name))}


def _part(sheet: Sheet, name: str) -> Sheet:
    part = sheet.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: Sheet, name: str) -> str:
    text = part.get(name, "")
    return text.strip() if isinstance(text, str) else ""


def _number(part: Sheet, name: str) -> str:
    """A number with a point, however the reader writes it."""
    text = _text(part, name).replace(" ", "").replace("\u00a0", "")
    return str(formats.sanitize_separators(text)) if text else ""


def _uuid(text: str, path: str) -> UUID:
    try:
        return UUID(text)
    except (ValueError, AttributeError) as error:
        raise Invalid([Fault(path, "malformed", "This form is not ours.")]) from error
