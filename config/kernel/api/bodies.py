"""Reads a JSON body strictly: size, encoding, syntax, no name twice, no number that is none."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from django.http import HttpRequest

from config.kernel.api import problems

MAX_BYTES = 4 * 1024 * 1024
MAX_NUMBER_LENGTH = 40
MAX_INTEGER_LENGTH = 18
MAX_DEPTH = 20


def read(request: HttpRequest) -> dict[str, Any]:
    """Return the body as a JSON object; numbers with a fraction become Decimal.

    Raises 413 for more than `MAX_BYTES`, 415 for another content type or a compressed body, 400 for
    what is not UTF-8 JSON, repeats a name, nests deeper than `MAX_DEPTH` or holds NaN, infinity or
    absurd numbers.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        raise problems.TooLarge
    if request.content_type != "application/json" or request.META.get("HTTP_CONTENT_ENCODING"):
        raise problems.UnsupportedMediaType
    raw = request.read(MAX_BYTES + 1)
    try:
        return _object(raw)
    except problems.BadRequest as error:
        error.unread = raw
        raise


def _object(raw: bytes) -> dict[str, Any]:
    value = parse(raw)
    if not isinstance(value, dict):
        raise problems.BadRequest("The body must be a JSON object.")
    return value


def parse(raw: bytes) -> Any:
    """Return the JSON value of some bytes; raises as `read` does."""
    if len(raw) > MAX_BYTES:
        raise problems.TooLarge
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise problems.BadRequest(f"The body is not UTF-8 (byte {error.start}).") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_name_twice,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    except RecursionError as error:
        raise problems.BadRequest("The body nests too deeply.") from error
    except ValueError as error:
        raise problems.BadRequest(f"The body is not JSON: {error}") from error
    _check_depth(text, value)
    if "\\u" in text:
        _check_text(value)
    return value


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise problems.BadRequest(f'The name "{twice[:60]}" stands twice in one object.')
    return result


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= MAX_NUMBER_LENGTH else None
    except InvalidOperation:  # an exponent beyond all bounds
        number = None
    if number is None or abs(number.adjusted()) > MAX_NUMBER_LENGTH:
        raise problems.BadRequest("The body holds a number that is too long.")
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_LENGTH:
        raise problems.BadRequest("The body holds a number that is too long.")
    return int(text)


def _no_constant(name: str) -> NoReturn:
    raise problems.BadRequest(f"{name} is not a JSON number.")


def _check_text(value: Any) -> None:
    """Refuse what PostgreSQL and UTF-8 cannot hold: a zero character or half a surrogate pair."""
    text = "".join(_texts(value))
    if "\x00" in text:
        raise problems.BadRequest("The body holds a zero character.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise problems.BadRequest("The body holds half a surrogate pair.") from error


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _check_depth(text: str, value: Any) -> None:
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise problems.BadRequest("The body nests too deeply.")


def _depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [
            item
            for parent in layer
            if isinstance(parent, (dict, list))
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, (dict, list))
        ]
    return depth
