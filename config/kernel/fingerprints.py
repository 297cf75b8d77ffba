"""Recognises the same content when it comes again, however its sender spelled it."""

import functools
import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

_AMOUNT_KEY = re.compile(r"(^|_)(amount|price|rate)$")
_AMOUNT = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)
_canonical = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def of(route: str, document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content; order of names and spelling of decimals do not matter."""
    canonical = _canonical.encode(_normalised(document, ""))
    return hashlib.sha256(route.encode() + b"\n" + canonical).hexdigest()


def _normalised(value: Any, name: str) -> Any:
    if type(value) is dict:
        return {key: _normalised(item, key) for key, item in value.items()}
    if type(value) is list:
        return [_normalised(item, name) for item in value]
    if type(value) is str:
        is_amount = _is_amount(name) and _AMOUNT.fullmatch(value)
        return _number_text(Decimal(value)) if is_amount else value
    if type(value) is Decimal or (type(value) is int and _is_amount(name)):
        return _number_text(Decimal(value))
    return value


@functools.lru_cache(maxsize=1024)
def _is_amount(name: str) -> bool:
    return _AMOUNT_KEY.search(name) is not None


def _number_text(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
