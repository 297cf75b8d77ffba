"""Rows of a file as the document of an order, and what is wrong with it back in its rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from config.kernel import errors, fingerprints
from config.kernel.models import Channel
from config.kernel.uploads.layouts import Row, Values
from orders.queries import listed
from orders.uploads.columns import CUSTOMER, HEAD, LINE, PAYMENT

ROUTE = "upload of orders"

_PATH = re.compile(r"\$\.(\w+)(?:\[(\d+)\])?(?:\.(\w+))?")
_PARTS: Mapping[str, Mapping[str, str]] = {
    "customer": CUSTOMER,
    "shipping_address": listed.ADDRESS,
    "payments": PAYMENT,
    "lines": LINE,
}


def refuse_fault(rows: Sequence[Row], fault: errors.Fault) -> None:
    """Say what is wrong in the row and column that it came from."""
    found = _PATH.match(fault.path)
    part, place, name = found.groups() if found else ("", None, None)
    row = rows[min(int(place or 0), len(rows) - 1)] if part == "lines" else rows[0]
    names = {key: column for column, key in _PARTS.get(part, {}).items()}
    column = names.get(name or "", part)
    if column not in {one.column for one in row.faults}:
        row.refuse("order_invalid", column, detail=fault.detail)


def document(rows: Sequence[Row], channel: Channel) -> dict[str, Any]:
    """Return the order as a channel would have sent it."""
    first = rows[0].values
    named = {"ship_name": first.get("name", ""), "ship_company": first.get("company", "")}
    given = {**first, **{key: first.get(key) or value for key, value in named.items()}}
    customer, address = _filled(given, CUSTOMER), _filled(given, listed.ADDRESS)
    made = _filled(given, {name: name for name in HEAD})
    made.setdefault("currency", next(iter(channel.currencies), ""))
    if customer:
        made["customer"] = customer
    if set(address) - {"name", "company"}:
        made["shipping_address"] = address
    if "payment_amount" in given:
        made["payments"] = [_filled(given, PAYMENT)]
    made["lines"] = [_filled(row.values, LINE) for row in rows]
    return made


def fingerprint(made: Mapping[str, Any]) -> str:
    """Return what the same content is recognised by when it comes in a file again."""
    return fingerprints.of(ROUTE, made)


def _filled(values: Values, names: Mapping[str, str]) -> dict[str, Any]:
    return {key: values[name] for name, key in names.items() if values.get(name) not in (None, "")}
