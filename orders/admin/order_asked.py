"""What the address of the order list asks for: a view, a search, filters, an order, a page."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from config.kernel import words
from config.kernel.models import Channel
from orders import states
from orders.models import Order
from orders.queries import search, views
from orders.queries.views import Filters

DEFAULT_VIEW = "open"
CHOICES = {
    "hold": states.HoldKind,
    "payment": states.PaymentStatus,
    "fulfilment": states.FulfillmentStatus,
    "status": states.OrderStatus,
    "priority": states.Priority,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as it was asked for; `saved` is the saved view it was opened by."""

    view: str
    term: str
    filters: Filters
    page: int = 1
    sort: str = ""
    saved: UUID | None = None

    def address(self, **changes: Any) -> str:
        """Return the address of a list that differs so."""
        return "?" + urlencode(replace(self, **changes).given())

    def given(self) -> dict[str, str]:
        """Return the parameters of the address."""
        parameters = {
            **self.kept(),
            "p": self.page if self.page > 1 else "",
            "saved": self.saved,
        }
        return {name: str(value) for name, value in parameters.items() if value}

    def kept(self) -> dict[str, str]:
        """Return what a saved view remembers: everything but the page."""
        parameters = {
            "view": self.view,
            "q": self.term,
            **dict(_written(self.filters)),
            "sort": self.sort,
        }
        return {name: str(value) for name, value in parameters.items() if value}


def read(query: QueryDict) -> Asked:
    """Read an address; what makes no sense is left out."""
    view = query.get("view", "")
    view = view if view in views.VIEWS else DEFAULT_VIEW
    sort = query.get("sort", "")
    return Asked(
        view=view,
        term=query.get("q", "").replace("\0", "").strip()[:200],
        filters=_filters(query),
        page=max(_number(query.get("p", "")) or 1, 1),
        sort=sort if sort in views.sorts(view) else "",
        saved=_uuid(query.get("saved", "")),
    )


def remembered(kept: Mapping[str, str]) -> Asked:
    """Read what a saved view remembers."""
    query = QueryDict(mutable=True)
    query.update(kept)
    return read(query)


def matching(orders: QuerySet[Order], wanted: Asked, now: datetime) -> QuerySet[Order]:
    """Return all of somebody's orders that are asked for, on whichever page, in their order."""
    narrowed = views.narrowed(orders, wanted.filters)
    if wanted.term:
        found = search.find(term=wanted.term, orders=narrowed)
        return Order.objects.filter(pk__in=found).order_by(*views.NEWEST_FIRST)
    condition = views.VIEWS[wanted.view].condition(views.moment(now))
    return narrowed.filter(condition).order_by(*views.ordering(wanted.view, wanted.sort))


def _filters(query: QueryDict) -> Filters:
    return Filters(
        channel_id=_uuid(query.get("channel", "")),
        status=_one_of(states.OrderStatus, query.get("status", "")),
        payment_status=_one_of(states.PaymentStatus, query.get("payment", "")),
        fulfillment_status=_one_of(states.FulfillmentStatus, query.get("fulfilment", "")),
        hold=_one_of(states.HoldKind, query.get("hold", "")),
        priority=_number(_one_of(states.Priority, query.get("priority", ""))),
        since=_day(query.get("since", "")),
        since_time=_time(query.get("since_time", "")),
        until=_day(query.get("until", "")),
        until_time=_time(query.get("until_time", "")),
        sku=query.get("sku", "").replace("\0", "").strip()[:64],
        tag=query.get("tag", "").replace("\0", "").strip()[:40],
    )


def chips(wanted: Asked, channels: Mapping[UUID, Channel]) -> Iterator[tuple[str, str]]:
    """Each filter that is on, as text, with the address of the list without it."""
    filters = wanted.filters
    channel = channels.get(filters.channel_id) if filters.channel_id else None
    texts = {
        ("channel_id",): channel.name if channel else "",
        ("hold",): label("hold", filters.hold),
        ("payment_status",): label("payment", filters.payment_status),
        ("fulfillment_status",): label("fulfilment", filters.fulfillment_status),
        ("status",): label("status", filters.status),
        ("priority",): label("priority", filters.priority),
        ("sku",): filters.sku,
        ("tag",): _("tagged %(tag)s") % {"tag": filters.tag} if filters.tag else "",
        ("since", "since_time"): _from(filters),
        ("until", "until_time"): _to(filters),
    }
    off = Filters()
    for names, text in texts.items():
        if text:
            without = replace(filters, **{name: getattr(off, name) for name in names})
            yield text, wanted.address(filters=without, page=1)


def label(name: str, value: Any) -> str:
    """Return the word of a choice."""
    return str(CHOICES[name](value).label) if value else ""


@lru_cache(maxsize=16)
def labels(_language: str) -> list[tuple[str, str]]:
    """Return the filters one chooses from, by name and label."""
    return [
        ("hold", _("On hold for")),
        ("payment", _("Payment")),
        ("fulfilment", _("Fulfilment")),
        ("status", _("Status")),
        ("priority", _("Priority")),
    ]


def _from(filters: Filters) -> str:
    if not filters.since and not filters.since_time:
        return ""
    return _("from %(day)s") % {"day": _moment(filters.since, filters.since_time)}


def _to(filters: Filters) -> str:
    if not filters.until and not filters.until_time:
        return ""
    return _("to %(day)s") % {"day": _moment(filters.until, filters.until_time)}


def _moment(day: date | None, at: time | None) -> str:
    told = [words.day(day)] if day else [_("today")]
    return ", ".join([*told, *([f"{at:%H:%M}"] if at else [])])


def _written(filters: Filters) -> Iterator[tuple[str, Any]]:
    yield "channel", filters.channel_id
    yield "status", filters.status
    yield "payment", filters.payment_status
    yield "fulfilment", filters.fulfillment_status
    yield "hold", filters.hold
    yield "priority", filters.priority
    yield "since", filters.since
    yield "since_time", filters.since_time and f"{filters.since_time:%H:%M}"
    yield "until", filters.until
    yield "until_time", filters.until_time and f"{filters.until_time:%H:%M}"
    yield "sku", filters.sku
    yield "tag", filters.tag


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


def _time(value: str) -> time | None:
    with suppress(ValueError):
        return time.fromisoformat(value).replace(tzinfo=None)
    return None
