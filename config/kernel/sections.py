"""What later apps add to a page of an earlier one: a loader for many ids, and a template."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Loader = Callable[[Sequence[UUID]], Mapping[UUID, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a page; `load` answers all given ids in one query."""

    name: str
    load: Loader
    template: str


_sections: dict[str, dict[str, Section]] = {}


def register(page: str, name: str, *, load: Loader, template: str = "") -> None:
    """Add a section to a page; called from `apps.ready()` of the app that owns the data."""
    _sections.setdefault(page, {})[name] = Section(name, load, template)


def of(page: str) -> Sequence[Section]:
    """Return the sections of a page in the order they were registered."""
    return tuple(_sections.get(page, {}).values())
