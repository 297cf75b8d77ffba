"""Writes what was sent line by line, each with the errors that belong to it; pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Fault = Mapping[str, Any]
ROOT = "$"


@dataclass(slots=True)
class Line:
    """A line of JSON: how deep it stands, its text, the path of what is on it, what is wrong."""

    depth: int
    text: str
    path: str
    faults: list[Fault] = field(default_factory=list)


def lines(document: Any, faults: Sequence[Fault]) -> list[Line]:
    """Return a document as indented lines; an error stands at its place, or at what lacks it."""
    written = list(_value(document, ROOT, 0, "", ""))
    first: dict[str, Line] = {}
    for line in written:
        first.setdefault(line.path, line)
    for fault in faults:
        first[_nearest(str(fault.get("path", ROOT)), first)].faults.append(fault)
    return written


def text(document: Any) -> str:
    """Return a document as indented JSON, for people to correct."""
    return "\n".join("  " * line.depth + line.text for line in lines(document, []))


def _nearest(path: str, known: Mapping[str, Line]) -> str:
    """A missing field is told at what it is missing from."""
    while path not in known:
        cut = max(path.rfind("."), path.rfind("["))
        if cut < 1:
            return ROOT
        path = path[:cut]
    return path


def _value(value: Any, path: str, depth: int, name: str, comma: str) -> Iterator[Line]:
    if isinstance(value, Mapping) and value:
        parts = [(f"{path}.{key}", f"{json.dumps(key, ensure_ascii=False)}: ", told)
                 for key, told in value.items()]  # fmt: skip
        yield from _nested("{", "}", parts, path, depth, name, comma)
    elif isinstance(value, list) and value:
        listed = [(f"{path}[{place}]", "", told) for place, told in enumerate(value)]
        yield from _nested("[", "]", listed, path, depth, name, comma)
    else:
        yield Line(depth, f"{name}{_plain(value)}{comma}", path)


def _nested(
    opening: str,
    closing: str,
    parts: Sequence[tuple[str, str, Any]],
    path: str,
    depth: int,
    name: str,
    comma: str,
) -> Iterator[Line]:
    yield Line(depth, f"{name}{opening}", path)
    for place, (below, key, told) in enumerate(parts, 1):
        yield from _value(told, below, depth + 1, key, "," if place < len(parts) else "")
    yield Line(depth, f"{closing}{comma}", f"{path} ")


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)
