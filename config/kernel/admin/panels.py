"""What an app adds to a console page of a lower one: a loader for one record, and a template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

Loader = Callable[[HttpRequest, Any], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A named part of a record's page; `load` returns its facts, or None to stay away."""

    name: str
    load: Loader
    template: str
    position: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its facts, ready to be shown."""

    name: str
    template: str
    facts: Mapping[str, Any]


_panels: dict[type[models.Model], dict[str, Panel]] = {}


def register(
    model: type[models.Model], name: str, *, load: Loader, template: str, position: int = 50
) -> None:
    """Add a panel to the page of a model's records; called when an app's console pages load.

    Panels stand in the order of their positions.
    """
    _panels.setdefault(model, {})[name] = Panel(name, load, template, position)


def of(request: HttpRequest, record: models.Model) -> list[Filled]:
    """Return the panels of a record, filled for this reader, in their order."""
    filled = []
    for panel in sorted(_panels.get(type(record), {}).values(), key=lambda one: one.position):
        facts = panel.load(request, record)
        if facts is not None:
            filled.append(Filled(panel.name, panel.template, facts))
    return filled
