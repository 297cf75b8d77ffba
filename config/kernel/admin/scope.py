"""What the reader of a page may see, asked once per request."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from config.kernel.models import Channel

_KEPT = "_kapell_scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """The sales channels a reader may see, by id in the order of their names."""

    channels: Mapping[UUID, Channel]
    is_limited: bool

    def on(self, field: str) -> Q:
        """Return the condition for records of these channels; none when they are all there are."""
        return Q(**{f"{field}__in": list(self.channels)}) if self.is_limited else Q()


def of(request: HttpRequest) -> Scope:
    """Return what the reader of this request may see."""
    kept: Scope | None = getattr(request, _KEPT, None)
    if kept is None:
        seen = Channel.objects.visible_to(request.user).filter(pk=OuterRef("pk"))
        every = Channel.objects.annotate(is_seen=Exists(seen)).order_by("name")
        rows = list(every)
        channels = {one.pk: one for one in rows if one.is_seen}  # type: ignore[attr-defined]
        kept = Scope(channels, is_limited=len(channels) < len(rows))
        setattr(request, _KEPT, kept)
    return kept


def channels(request: HttpRequest) -> Mapping[UUID, Channel]:
    """Return the sales channels the reader may see, by id in the order of their names."""
    return of(request).channels
