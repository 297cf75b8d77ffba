"""The reference says of every operation what it needs, takes and answers."""

import re

import pytest
from django.test import Client

from config.kernel.api import reference
from config.kernel.templatetags.console import coded


@pytest.fixture
def shown() -> str:
    answer = Client().get("/api/docs/")
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    text: str = answer.content.decode()
    return text


def test_it_tells_of_every_operation(shown: str) -> None:
    described = reference._reference()
    operations = [one for group in described.groups.values() for one in group]

    assert {"orders", "stock", "products", "customers", "events"} <= set(described.groups)
    for one in operations:
        assert f'<section id="{one.id}">' in shown
        assert one.told, one
        assert one.scope, one
    (place,) = (one for one in operations if one.id == "orders_place")
    assert (place.method, place.path, place.scope) == ("POST", "/api/v1/orders/", "orders:write")
    assert place.body == reference.Type("", "OrderInRequest")
    assert [reply.status for reply in place.replies] == [
        "200", "201", "400", "401", "403", "406", "409", "413", "415", "422", "429", "503",
    ]  # fmt: skip
    assert "&quot;sku&quot;: &quot;MUG&quot;" in shown


def test_every_link_on_it_leads_somewhere(shown: str) -> None:
    targets = set(re.findall(r'id="([^"]+)"', shown))
    links = set(re.findall(r'href="#([^"]+)"', shown))
    assert len(links) > 50
    assert links - targets == set()


def test_it_runs_no_scripts_and_styles_nothing_itself(shown: str) -> None:
    assert "<script" not in shown
    assert "<style" not in shown
    assert " style=" not in shown


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "maxLength": 1000}, "string, at most 1,000 characters"),
        ({"type": "string", "format": "date-time"}, "moment"),
        (
            {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
            "integer, from 0 or null",
        ),
        ({"enum": ["low", "high"], "type": "string"}, '"low" | "high"'),
        (
            {"type": "array", "items": {"type": "string"}, "maxItems": 5},
            "list of string, at most 5",
        ),
        ({"type": "boolean", "default": True}, "boolean, true unless sent"),
        ({}, "anything"),
    ],
)
def test_a_type_is_told_in_words(schema: reference.Schema, told: str) -> None:
    assert reference.type_of(schema).text == told


def test_a_type_leads_to_its_shape() -> None:
    order = {"$ref": "#/components/schemas/OrderOut"}
    assert reference.type_of(order) == reference.Type("", "OrderOut")
    several = {"type": "array", "items": order}
    assert reference.type_of(several) == reference.Type("list of", "OrderOut", is_list=True)
    perhaps = {"anyOf": [order, {"type": "null"}]}
    assert reference.type_of(perhaps) == reference.Type("null", "OrderOut")


def test_what_is_typed_is_marked_and_nothing_runs() -> None:
    assert coded("`busy`: <b>") == "<code>busy</code>: &lt;b&gt;"
