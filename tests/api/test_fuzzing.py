"""Every operation of the description against generated requests: no fault of ours, and no answer
that the description does not know.

The requests are the same in every run. Where a request names something, it is made to name
something that is there half of the time, so that more than refusals are looked at.
"""

import itertools
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from orders.services import holds
from tests.factories.orders import AT, STAFF, Shop, line

EXAMPLES = 30
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]

config = SchemathesisConfig.from_dict(
    {
        "generation": {"deterministic": True, "database": "none", "max-examples": EXAMPLES},
        # Methods that are not described are the matrix' business.
        "phases": {"coverage": {"unexpected-methods": []}},
    }
)
api = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True), config=config)
kapell = get_wsgi_application()


def application(environ: Any, start_response: Any) -> list[bytes]:
    """Answer on the test's connection, which the end of a request would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    answer = kapell(environ, start_response)
    content = list(answer)
    answer.close()
    return content


@pytest.fixture
def world(shop: Shop) -> dict[str, Any]:
    """Return what is there, by the names requests call it."""
    shop.put("MUG", 500)
    shop.change(requests_per_minute=0)
    order, held = shop.place(line("MUG", 3)), shop.place(line("MUG", 3))
    holds.place(order_ids=[held.pk], reason="wait", params={"by": "channel"}, actor=STAFF, at=AT)
    return {
        "number": itertools.cycle([order.number, held.number]),
        "kind": itertools.repeat("manual"),
        "sku": itertools.repeat("MUG"),
        "warehouse": itertools.repeat("MAIN"),
        "bin": itertools.cycle(["STOCK", None]),
        "key": shop.key,
    }


@pytest.mark.slow
@api.parametrize()
@settings(
    suppress_health_check=list(HealthCheck), deadline=None, max_examples=EXAMPLES,
    derandomize=True, database=None,
)  # fmt: skip
def test_no_request_gets_an_answer_that_is_not_described(
    case: schemathesis.Case, world: dict[str, Any]
) -> None:
    ground(case, world)
    headers = {"Authorization": f"Bearer {world['key']}"}
    case.call_and_validate(app=application, headers=headers, checks=CHECKS)


def ground(case: schemathesis.Case, world: dict[str, Any]) -> None:
    turn = next(world.setdefault("turns", itertools.count()))
    if turn % 2:
        return
    for holder in (case.path_parameters, case.query):
        name_what_is_there(holder, world)
    if isinstance(case.body, dict):
        name_what_is_there(case.body, world)
        if "reference" in case.body:
            case.body["reference"] = f"R-{turn}"
        lines = case.body.get("lines")
        for one in lines if isinstance(lines, list) else ():
            name_what_is_there(one, world)


def name_what_is_there(holder: Any, world: dict[str, Any]) -> None:
    if isinstance(holder, dict):
        if "currency" in holder:
            holder["currency"] = "GBP"
        for name in ("number", "kind", "sku", "warehouse", "bin"):
            if name in holder:
                holder[name] = next(world[name])
