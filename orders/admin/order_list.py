"""The order list: what was asked for in the address, and rows as the template prints them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.kernel import clock, words
from config.kernel.admin import scope
from config.kernel.models import Channel
from orders import states
from orders.admin import order_row
from orders.models import Order
from orders.queries import console, search, views
from orders.queries.views import Filters

DEFAULT_VIEW = "open"
SELECTED = mark_safe(" selected")
CHOICES = {
    "hold": states.HoldKind,
    "payment": states.PaymentStatus,
    "fulfilment": states.FulfillmentStatus,
    "status": states.OrderStatus,
    "priority": states.Priority,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for."""

    view: str
    term: str
    filters: Filters
    page: int

    def address(self, **changes: Any) -> str:
        """Return the address of a list that differs so."""
        asked = replace(self, **changes)
        given = {
            "view": asked.view if asked.view != DEFAULT_VIEW else "",
            "q": asked.term,
            **dict(_written(asked.filters)),
            "p": asked.page if asked.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in given.items() if value})


def asked(query: QueryDict) -> Asked:
    """Read the address; what makes no sense is left out."""
    view = query.get("view", "")
    filters = Filters(
        channel_id=_uuid(query.get("channel", "")),
        status=_one_of(states.OrderStatus, query.get("status", "")),
        payment_status=_one_of(states.PaymentStatus, query.get("payment", "")),
        fulfillment_status=_one_of(states.FulfillmentStatus, query.get("fulfilment", "")),
        hold=_one_of(states.HoldKind, query.get("hold", "")),
        priority=_number(_one_of(states.Priority, query.get("priority", ""))),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        sku=query.get("sku", "").strip()[:64],
    )
    return Asked(
        view=view if view in views.VIEWS else DEFAULT_VIEW,
        term=query.get("q", "").replace("\0", "").strip()[:200],
        filters=filters,
        page=max(_number(query.get("p", "")) or 1, 1),
    )


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
        orders=_orders(request, wanted, found, at),
        number=wanted.page,
        now=at.now,
        today=timezone.localdate(at.now),
    )
    channels = scope.channels(request)
    return {
        "asked": wanted,
        "tabs": _tabs(wanted),
        "choices": _choices(wanted, channels),
        "chips": list(_chips(wanted, channels)),
        "rows": rows(request, page, at.now),
        "pages": _pages(wanted, page),
        "reset": wanted.address(filters=Filters(), term="", page=1),
    }


def rows(
    request: HttpRequest, page: console.Page, now: datetime, base: str = ""
) -> list[SafeString]:
    """Return the rows of a page, written; `base` leads from the page to the list of orders."""
    writer = order_row.Writer(channels=scope.channels(request), base=base, now=now)
    return [writer.write(row) for row in page.rows]


def _orders(
    request: HttpRequest, wanted: Asked, found: list[UUID] | None, at: views.Moment
) -> QuerySet[Order]:
    if found is not None:
        return Order.objects.filter(pk__in=found).order_by(*views.NEWEST_FIRST)
    view = views.VIEWS[wanted.view]
    orders = views.narrowed(visible(request), wanted.filters)
    return orders.filter(view.condition(at)).order_by(*view.ordering)


def _tabs(wanted: Asked) -> list[dict[str, Any]]:
    return [
        {
            "label": view.label,
            "address": wanted.address(view=name, term="", page=1),
            "is_current": name == wanted.view and not wanted.term,
        }
        for name, view in views.VIEWS.items()
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
            for name, label in _labels(language)
        ),
    ]


def _chips(wanted: Asked, channels: Mapping[UUID, Channel]) -> Iterator[tuple[str, str]]:
    """Each filter that is on, as text, with the address of the list without it."""
    filters = wanted.filters
    channel = channels.get(filters.channel_id) if filters.channel_id else None
    texts = {
        "channel_id": channel.name if channel else "",
        "hold": _label("hold", filters.hold),
        "payment_status": _label("payment", filters.payment_status),
        "fulfillment_status": _label("fulfilment", filters.fulfillment_status),
        "status": _label("status", filters.status),
        "priority": _label("priority", filters.priority),
        "sku": filters.sku,
        "since": _("from %(day)s") % {"day": words.day(filters.since)} if filters.since else "",
        "until": _("to %(day)s") % {"day": words.day(filters.until)} if filters.until else "",
    }
    off = Filters()
    for name, text in texts.items():
        if text:
            without = replace(filters, **{name: getattr(off, name)})
            yield text, wanted.address(filters=without, page=1)


def _label(name: str, value: Any) -> str:
    return str(CHOICES[name](value).label) if value else ""


@lru_cache(maxsize=16)
def _labels(_language: str) -> list[tuple[str, str]]:
    return [
        ("hold", _("On hold for")),
        ("payment", _("Payment")),
        ("fulfilment", _("Fulfilment")),
        ("status", _("Status")),
        ("priority", _("Priority")),
    ]


@lru_cache(maxsize=256)
def _options(name: str, chosen: str | int, _language: str) -> SafeString:
    return _written_options(CHOICES[name].choices, chosen)


def _written_options(options: Iterable[tuple[Any, Any]], chosen: Any) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if str(value) == str(chosen) else "", text) for value, text in options),
    )


def _written(filters: Filters) -> Iterator[tuple[str, Any]]:
    yield "channel", filters.channel_id
    yield "status", filters.status
    yield "payment", filters.payment_status
    yield "fulfilment", filters.fulfillment_status
    yield "hold", filters.hold
    yield "priority", filters.priority
    yield "since", filters.since
    yield "until", filters.until
    yield "sku", filters.sku


def _one_of(choices: Any, value: str) -> str:
    return value if value in map(str, choices.values) else ""


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None


def _uuid(value: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(value)
    return None


def _day(value: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(value)
    return None
