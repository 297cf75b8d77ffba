"""What the reader of a page may see, asked once per request."""

from uuid import UUID

from django.http import HttpRequest

from config.kernel.models import Channel

_KEPT = "_kapell_channels"


def channels(request: HttpRequest) -> dict[UUID, Channel]:
    """Return the sales channels the reader may see, by id and in the order of their names."""
    kept: dict[UUID, Channel] | None = getattr(request, _KEPT, None)
    if kept is None:
        seen = Channel.objects.visible_to(request.user).order_by("name")
        kept = {channel.pk: channel for channel in seen}
        setattr(request, _KEPT, kept)
    return kept
