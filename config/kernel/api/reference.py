"""The API's description as a page for people: every operation with its fields and answers."""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is, in words, and the shape it leads to."""

    text: str
    shape: str = ""
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    type: Type
    is_required: bool
    place: str
    told: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer by its status: the shape of what was asked for, or the codes of problems."""

    status: str
    type: Type
    told: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A method at an address."""

    id: str
    method: str
    path: str
    told: str
    scope: str
    parameters: list[Field]
    body: Type | None
    examples: list[tuple[str, str]]
    replies: list[Reply]


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object with its fields."""

    name: str
    told: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Reference:
    """All there is to say: operations by what they are about, and the shapes they speak of."""

    groups: dict[str, list[Operation]]
    shapes: list[Shape]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the reference; it is read from the doors once per process."""
    return render(request, "api/reference.html", {"reference": _reference()})


@functools.cache
def _reference() -> Reference:
    return read(SchemaGenerator().get_schema(public=True))  # type: ignore[no-untyped-call]


def read(document: Schema) -> Reference:
    """Return what an OpenAPI document describes."""
    groups: dict[str, list[Operation]] = {}
    for path, ways in document["paths"].items():
        for method in METHODS:
            if method in ways:
                operation = _operation(method, path, ways[method])
                groups.setdefault(ways[method]["tags"][0], []).append(operation)
    named = document["components"]["schemas"]
    return Reference(groups, [_shape(name, one) for name, one in named.items()])


def _operation(method: str, path: str, found: Schema) -> Operation:
    content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples", {}).items()
    return Operation(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        told=found.get("description", ""),
        scope=found.get("x-scope", ""),
        parameters=[_parameter(one) for one in found.get("parameters", ())],
        body=type_of(content["schema"]) if content else None,
        examples=[
            (one.get("summary", name), json.dumps(one["value"], indent=2)) for name, one in examples
        ],
        replies=[_reply(status, one) for status, one in sorted(found["responses"].items())],
    )


def _parameter(found: Schema) -> Field:
    return Field(
        name=found["name"],
        type=type_of(found["schema"]),
        is_required=found.get("required", False),
        place=found["in"],
        told=found.get("description", ""),
    )


def _reply(status: str, found: Schema) -> Reply:
    content = found.get("content", {}).get("application/json", {})
    shown = type_of(content["schema"]) if content else Type("")
    return Reply(status, shown, found.get("description", ""))


def _shape(name: str, found: Schema) -> Shape:
    required = found.get("required", ())
    fields = [
        Field(
            name=field,
            type=type_of(one),
            is_required=field in required,
            place="",
            told=one.get("description", ""),
        )
        for field, one in found.get("properties", {}).items()
    ]
    return Shape(name, found.get("description", "") if fields else _plain(found), fields)


def type_of(found: Schema) -> Type:
    """Return what a schema stands for, in words."""
    if "$ref" in found:
        return Type("", found["$ref"].rsplit("/", 1)[-1])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in found:
            return _one_of([type_of(one) for one in found[several]])
    if found.get("type") == "array":
        of = type_of(found.get("items", {}))
        return Type(_limited(f"list of {of.text}".rstrip(), found), of.shape, is_list=True)
    return Type(_plain(found))


def _one_of(types: list[Type]) -> Type:
    shape = next((one.shape for one in types if one.shape), "")
    is_list = any(one.is_list for one in types)
    return Type(" or ".join(one.text for one in types if one.text), shape, is_list=is_list)


def _plain(found: Schema) -> str:
    if "enum" in found:
        return " | ".join(json.dumps(one) for one in found["enum"])
    if "const" in found:
        return json.dumps(found["const"])
    kind = found.get("type", "anything")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if text == "string" and "format" in found:
        text = {"date-time": "moment", "date": "date"}.get(found["format"], text)
    return _limited(text, found)


def _limited(text: str, found: Schema) -> str:
    return ", ".join([text, *_limits(found)])


def _limits(found: Schema) -> Iterator[str]:
    if "minimum" in found:
        yield f"from {found['minimum']}"
    if "maximum" in found:
        yield f"to {found['maximum']:,}"
    if "maxLength" in found:
        yield f"at most {found['maxLength']:,} characters"
    if "maxItems" in found:
        yield f"at most {found['maxItems']:,}"
    if "examples" in found:
        yield f"such as {found['examples'][0]}"
    if found.get("default") not in (None, "", [], {}):
        yield f"{json.dumps(found['default'])} unless sent"
