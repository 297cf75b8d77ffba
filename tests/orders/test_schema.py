"""The API describes itself, completely and validly."""

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema


@pytest.fixture
def described(db: None) -> dict[str, Any]:  # noqa: ARG001 - a request wants the database
    answer = Client().get("/api/schema/")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_document_is_valid_openapi(described: dict[str, Any]) -> None:
    validate_schema(described)
    assert described["openapi"] == "3.1.0"


def test_every_door_of_orders_is_described_with_its_problems(described: dict[str, Any]) -> None:
    paths = described["paths"]
    answers = {
        (method, path): sorted(door["responses"])
        for path, doors in paths.items()
        for method, door in doors.items()
        if "orders" in path
    }
    common = {"400", "401", "403", "406", "429", "503"}
    assert all(common < set(statuses) for statuses in answers.values())
    assert {door: set(statuses) - common for door, statuses in answers.items()} == {
        ("get", "/api/v1/orders/"): {"200"},
        ("post", "/api/v1/orders/"): {"200", "201", "409", "413", "415", "422"},
        ("get", "/api/v1/orders/{number}/"): {"200", "404"},
        ("get", "/api/v1/orders/{number}/timeline/"): {"200", "404"},
        ("post", "/api/v1/orders/{number}/cancel/"): {
            "200", "202", "404", "409", "412", "413", "415", "422",
        },
        ("post", "/api/v1/orders/{number}/holds/"): {
            "200", "201", "404", "409", "412", "413", "415", "422",
        },
        ("post", "/api/v1/orders/{number}/holds/{kind}/release/"): {
            "200", "404", "409", "412", "413", "415", "422",
        },
        ("post", "/api/v1/orders/{number}/notes/"): {"201", "404", "409", "413", "415", "422"},
    }  # fmt: skip


def test_unknown_fields_and_bounds_are_in_the_description(described: dict[str, Any]) -> None:
    order = described["components"]["schemas"]["OrderInRequest"]
    assert order["additionalProperties"] is False
    assert order["required"] == ["reference", "currency", "lines"]
    assert order["properties"]["lines"]["maxItems"] == 1000
