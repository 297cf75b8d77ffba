"""The order list: what was asked for in the address, and rows as the template prints them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import clock, words
from config.kernel.admin import scope
from config.kernel.models import Channel
from orders import headlines, states
from orders.models import Order
from orders.queries import console, search, views
from orders.queries.views import Filters

DEFAULT_VIEW = "open"
PAID_TONES = {
    states.PaymentStatus.PAID: "good",
    states.PaymentStatus.AUTHORIZED: "good",
    states.PaymentStatus.PARTIALLY_PAID: "wait",
    states.PaymentStatus.PENDING: "bad",
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
    return Order.objects.filter(channel_id__in=list(scope.channels(request)))


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
        "rows": [_shown(row, channels, at.now) for row in page.rows],
        "pages": _pages(wanted, page),
        "reset": wanted.address(filters=Filters(), term="", page=1),
    }


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
    filters = wanted.filters
    of_channels = [(str(pk), channel.name) for pk, channel in channels.items()]
    return [
        _choice("channel", _("Sales channel"), of_channels, filters.channel_id),
        _choice("hold", _("On hold for"), states.HoldKind.choices, filters.hold),
        _choice("payment", _("Payment"), states.PaymentStatus.choices, filters.payment_status),
        _choice(
            "fulfilment",
            _("Fulfilment"),
            states.FulfillmentStatus.choices,
            filters.fulfillment_status,
        ),
        _choice("status", _("Status"), states.OrderStatus.choices, filters.status),
        _choice("priority", _("Priority"), states.Priority.choices, filters.priority),
    ]


def _choice(
    name: str, label: str, options: Sequence[tuple[Any, Any]], chosen: Any
) -> dict[str, Any]:
    chosen = str(chosen or "")
    return {
        "name": name,
        "label": label,
        "options": [(str(value), text, str(value) == chosen) for value, text in options],
    }


def _shown(row: console.Row, channels: Mapping[UUID, Channel], now: datetime) -> dict[str, Any]:
    told = row.headline
    is_urgent = row.priority < states.Priority.NORMAL
    return {
        "id": row.id,
        "number": row.number,
        "reference": row.reference,
        "channel": channels[row.channel_id].name,
        "customer": row.customer or _("Guest"),
        "country": row.country,
        "placed": words.moment(row.placed_at),
        "age": words.age(row.placed_at, now),
        "state": headlines.state(told),
        "tone": told.tone,
        "sentence": headlines.sentence(told),
        "actor": headlines.next_actor(told),
        "ship_by": words.deadline(row.ship_by, now) if row.ship_by and told.is_unshipped else "",
        "is_late": row.is_late,
        "urgency": states.Priority(row.priority).label
        if row.priority < states.Priority.NORMAL
        else "",
        "lines": ngettext("%(count)d line", "%(count)d lines", row.lines) % {"count": row.lines},
        "units": words.count(row.units),
        "total": words.amount(row.total, row.currency),
        "payment": states.PaymentStatus(row.payment_status).label,
        "paid_tone": PAID_TONES.get(row.payment_status, "quiet"),
    }


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
