"""The order list: the orders that were asked for, and everything the template prints."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.kernel import clock, tags
from config.kernel.admin import scope
from config.kernel.models import Channel
from config.kernel.tags import Palette
from orders.admin import order_asked, order_row
from orders.admin.order_asked import Asked
from orders.models import Order
from orders.queries import console, search, views
from orders.queries.views import Filters

SELECTED = mark_safe(" selected")


def visible(request: HttpRequest) -> QuerySet[Order]:
    """Return the orders of the channels the reader may see, known to this request already."""
    return Order.objects.filter(scope.of(request).on("channel_id"))


def hits(request: HttpRequest, wanted: Asked) -> list[UUID] | None:
    """Return the orders that the search term means; None when nothing is searched."""
    if not wanted.term:
        return None
    return search.find(term=wanted.term, orders=views.narrowed(visible(request), wanted.filters))


def context(request: HttpRequest, wanted: Asked, found: list[UUID] | None) -> dict[str, Any]:
    """Return everything the list's template prints; `found` are the hits of a search."""
    at = views.moment(clock.now())
    page = console.page(
        orders=_found(found) if found is not None else matching(request, wanted),
        number=wanted.page,
        now=at.now,
        today=timezone.localdate(at.now),
    )
    channels = scope.channels(request)
    palette = tags.palette(used=chain.from_iterable(row.tags for row in page.rows))
    return {
        "asked": wanted,
        "choices": _choices(wanted, channels),
        "chips": list(order_asked.chips(wanted, channels)),
        "rows": rows(request, page, at.now, palette=palette, is_choosable=True),
        "pages": _pages(wanted, page),
        "sorts": _sorts(wanted),
        "tags_offered": palette.offered,
        "reset": wanted.address(filters=Filters(), term="", page=1),
        "hidden": wanted.kept().items(),
    }


def rows(
    request: HttpRequest,
    page: console.Page,
    now: datetime,
    base: str = "",
    *,
    palette: Palette | None = None,
    is_choosable: bool = False,
) -> list[SafeString]:
    """Return the rows of a page, written; `base` leads from the page to the list of orders."""
    writer = order_row.Writer(
        channels=scope.channels(request),
        base=base,
        now=now,
        palette=palette or tags.palette(used=chain.from_iterable(row.tags for row in page.rows)),
        is_choosable=is_choosable,
    )
    return [writer.write(row) for row in page.rows]


def _found(order_ids: list[UUID]) -> QuerySet[Order]:
    return Order.objects.filter(pk__in=order_ids).order_by(*views.NEWEST_FIRST)


def matching(request: HttpRequest, wanted: Asked) -> QuerySet[Order]:
    """Return every order that the list holds for this reader, on whichever page, in its order."""
    return order_asked.matching(visible(request), wanted, clock.now())


def _sorts(wanted: Asked) -> list[dict[str, Any]]:
    own = {"name": "", "label": _("The view’s own order"), "is_current": not wanted.sort}
    return [
        own,
        *(
            {"name": name, "label": sort.label, "is_current": name == wanted.sort}
            for name, sort in views.sorts(wanted.view).items()
        ),
    ]


def _pages(wanted: Asked, page: console.Page) -> dict[str, Any]:
    number = page.number
    return {
        "number": number,
        "previous": wanted.address(page=number - 1) if number > 1 else "",
        "next": wanted.address(page=number + 1) if page.has_next else "",
    }


def _choices(wanted: Asked, channels: Mapping[UUID, Channel]) -> list[dict[str, Any]]:
    filters, language = wanted.filters, get_language()
    of_channels = [(pk, channel.name) for pk, channel in channels.items()]
    chosen = {
        "hold": filters.hold,
        "payment": filters.payment_status,
        "fulfilment": filters.fulfillment_status,
        "status": filters.status,
        "priority": filters.priority or "",
    }
    return [
        {
            "name": "channel",
            "label": _("Sales channel"),
            "options": _written_options(of_channels, filters.channel_id),
        },
        *(
            {"name": name, "label": label, "options": _options(name, chosen[name], language)}
            for name, label in order_asked.labels(language)
        ),
    ]


@lru_cache(maxsize=256)
def _options(name: str, chosen: str | int, _language: str) -> SafeString:
    return _written_options(order_asked.CHOICES[name].choices, chosen)


def _written_options(options: Iterable[tuple[Any, Any]], chosen: Any) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if str(value) == str(chosen) else "", text) for value, text in options),
    )
