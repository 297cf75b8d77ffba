"""Every event is declared and explained on its page; tests/flows/test_events.py meets each."""

import ast
import re

import pytest
from django.utils import translation

from config.kernel import event_types
from tests.architecture.code import ROOT, modules

EVENT = re.compile(r"[a-z]+\.[a-z_]+")
# What looks like an event's name in a service and is none.
FILES = re.compile(r".*\.(csv|xlsx|html|txt|json|zip)")
PACKAGES = {"orders", "inventory", "customers", "fulfillment", "kernel", "config", "auth", "admin"}
ROW = re.compile(r"^\| `([a-z_.]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
PAGE = (ROOT / "docs/events.md").read_text()


def published():
    """Return every event's name that a service or the kernel holds, with where it stands."""
    found = {}
    for module in modules():
        if module.room() != "services":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
                is_event = EVENT.fullmatch(name) and not FILES.fullmatch(name)
                if is_event and name.split(".")[0] not in PACKAGES:
                    found.setdefault(name, module.where(node))
    return found


PUBLISHED = published()
DECLARED = {
    name: one
    for name, one in event_types.known().items()
    if not name.startswith("thing.")  # the tests' own
}


def test_the_reader_finds_them():
    assert {"order.placed", "order.released", "stock.gained", "customer.blocked"} <= set(PUBLISHED)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_what_is_published_is_declared(name):
    assert name in DECLARED, f"declare {name} ({PUBLISHED[name]}) in the app's events.py"


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_what_is_declared_is_published(name):
    assert name in PUBLISHED


def _line(one):
    data = "; ".join(f"`{field}`: {meaning}" for field, meaning in one.data.items()) or "–"
    return f"| `{one.name}` | {one.when} | {data} |"


def test_the_page_explains_each_as_it_is_declared():
    """When this fails, the text to paste stands in its message."""
    with translation.override("en-gb"):
        told = [_line(one) for one in DECLARED.values() if one.is_told]
        inside = [_line(one) for one in DECLARED.values() if not one.is_told]
    rows = [line for line in PAGE.splitlines() if ROW.match(line)]
    assert rows == told + inside, "\n".join(["", *told, "", *inside])
