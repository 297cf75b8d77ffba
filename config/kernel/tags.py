"""Tags are typed once: every record keeps them spelt as they were first, each has its colour."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.kernel import commands, errors, folding
from config.kernel.models import Tag
from config.kernel.models.tags import LONGEST

REMEMBERED_SECONDS = 30

# In the order new tags get them.
COLOURS = tuple(Tag.Colour.values)


@dataclass(frozen=True, slots=True)
class Chip:
    """A tag as a page shows it."""

    name: str
    colour: str


class TagUnfit(errors.DomainError):
    code, status = "tag_unfit", 422
    title = "A tag is a word or two, of 40 characters at most, without a comma."


@commands.command
def canonical(*, names: Iterable[str]) -> list[str]:
    """Return tags as they were first spelt, each once; new ones are remembered with a colour.

    Raises `TagUnfit`.
    """
    wanted: dict[str, str] = {}
    for name in filter(str.strip, names):
        wanted.setdefault(folding.key(name), " ".join(name.split()))
    for name in wanted.values():
        if len(name) > LONGEST or "," in name or not name.isprintable():
            raise TagUnfit
    known = _known(wanted)
    fresh = [key for key in wanted if key not in known]
    if fresh:
        taken = Tag.objects.count()
        Tag.objects.bulk_create(
            [
                Tag(name=wanted[key], name_key=key, colour=COLOURS[(taken + place) % len(COLOURS)])
                for place, key in enumerate(fresh)
            ],
            ignore_conflicts=True,
        )
        known = _known(wanted)
        forget()
    return [known[key] for key in wanted]


def _known(keys: Iterable[str]) -> dict[str, str]:
    return dict(Tag.objects.filter(name_key__in=list(keys)).values_list("name_key", "name"))


def spelt(name: str) -> str:
    """Return a tag as it was first spelt; one that nobody used as it was given."""
    return _known([folding.key(name)]).get(folding.key(name), name)


@dataclass(frozen=True, slots=True)
class Palette:
    """All tags: the colour of each, and which to offer while somebody types."""

    colours: Mapping[str, str]
    offered: Sequence[str]

    def chips(self, names: Iterable[str]) -> list[Chip]:
        """Return a record's tags as its page shows them."""
        return [Chip(name, self.colours.get(name, Tag.Colour.GREY)) for name in names]


_remembered: tuple[float, Palette] = (0.0, Palette({}, ()))


def palette(*, used: Iterable[str] = ()) -> Palette:
    """Return all tags, remembered for half a minute; asked again when one in use is unknown."""
    global _remembered  # noqa: PLW0603 - remembered by the process
    until, known = _remembered
    if time.monotonic() > until or not known.colours.keys() >= set(used):
        known = _asked()
        _remembered = (time.monotonic() + REMEMBERED_SECONDS, known)
    return known


def forget() -> None:
    """Ask again at the next look."""
    global _remembered  # noqa: PLW0603 - remembered by the process
    _remembered = (0.0, Palette({}, ()))


def _asked() -> Palette:
    rows = list(Tag.objects.order_by("name_key").values_list("name", "colour", "is_offered"))
    return Palette(
        colours={name: colour for name, colour, _ in rows},
        offered=[name for name, _, is_offered in rows if is_offered],
    )
