"""The named views of orders: a condition each, shared by lists and the numbers that open them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kernel import folding, tags
from orders.models import Hold, Order, OrderLine
from orders.queries import meanings
from orders.states import HoldStatus, OrderStatus, PaymentStatus

BY_URGENCY = ("priority", F("ship_by").asc(nulls_last=True), "id")
NEWEST_FIRST = ("-placed_at", "-id")
OLDEST_FIRST = ("placed_at", "id")
OF_ALL = frozenset({"new", "all"})
OPEN = Q(status=OrderStatus.OPEN, is_test=False)
UNPAID = (PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID)


@dataclass(frozen=True, slots=True)
class Moment:
    """When somebody looks, and their day: from its first moment to the next one's."""

    now: datetime
    day_begins: datetime
    day_ends: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A list that people work with: its name on the screen, which orders, in which order."""

    label: Any
    condition: Callable[[Moment], Q]
    ordering: tuple[Any, ...] = BY_URGENCY


@dataclass(frozen=True, slots=True)
class Sort:
    """An order to look at a list in."""

    label: Any
    ordering: tuple[Any, ...]
    needs_open: bool = False


def moment(now: datetime) -> Moment:
    """Return the reader's day around a moment, in the time zone that is active."""
    today = timezone.localdate(now)
    return Moment(now, _midnight(today), _midnight(today + timedelta(days=1)))


VIEWS: Mapping[str, View] = {
    "open": View(_("Open"), lambda _at: OPEN),
    "today": View(
        _("Ship today"), lambda at: OPEN & Q(ship_by__gte=at.now, ship_by__lt=at.day_ends)
    ),
    "late": View(_("Late"), lambda at: OPEN & Q(ship_by__lt=at.now)),
    "held": View(_("On hold"), lambda _at: OPEN & Q(is_held=True)),
    "short": View(_("Backordered"), lambda _at: OPEN & Q(is_short=True)),
    "ready": View(
        _("Released to warehouse"),
        lambda _at: OPEN & Q(is_held=False, is_short=False, released_at__isnull=False),
    ),
    "unpaid": View(_("Not paid"), lambda _at: OPEN & Q(payment_status__in=UNPAID)),
    "new": View(
        _("New today"),
        lambda at: Q(placed_at__gte=at.day_begins, placed_at__lt=at.day_ends, is_test=False),
        NEWEST_FIRST,
    ),
    "all": View(_("All"), lambda _at: Q(), NEWEST_FIRST),
}


# What readers may sort by, beside each view's own order; some only where orders are open.
SORTS: Mapping[str, Sort] = {
    "newest": Sort(_("Newest first"), NEWEST_FIRST),
    "oldest": Sort(_("Oldest first"), OLDEST_FIRST),
    "urgent": Sort(_("Most urgent first"), BY_URGENCY, needs_open=True),
}


def sorts(view: str) -> Mapping[str, Sort]:
    """Return what a view may be sorted by: all orders ever only as an index holds them."""
    is_open = view not in OF_ALL
    return {name: sort for name, sort in SORTS.items() if is_open or not sort.needs_open}


def ordering(view: str, sort: str) -> tuple[Any, ...]:
    """Return the columns a view is sorted by, as chosen or as is its own."""
    chosen = sorts(view).get(sort)
    return chosen.ordering if chosen else VIEWS[view].ordering


def held_for(kind: str) -> Q:
    """Return the condition for open orders with an open hold of one cause."""
    held = Hold.objects.filter(kind=kind, status=HoldStatus.OPEN)
    return OPEN & Q(pk__in=held.values("order_id"))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader narrowed a list down to; None and empty mean not at all.

    A time without a day is today's.
    """

    channel_id: UUID | None = None
    status: str = ""
    payment_status: str = ""
    fulfillment_status: str = ""
    hold: str = ""
    priority: int | None = None
    since: date | None = None
    since_time: time | None = None
    until: date | None = None
    until_time: time | None = None
    sku: str = ""
    tag: str = ""

    def __bool__(self) -> bool:
        return self != Filters()


def narrowed(orders: QuerySet[Order], filters: Filters) -> QuerySet[Order]:
    """Return the orders that pass; days are the reader's."""
    exact = {
        "channel_id": filters.channel_id,
        "status": filters.status,
        "payment_status": filters.payment_status,
        "fulfillment_status": filters.fulfillment_status,
        "priority": filters.priority,
    }
    found = orders.filter(**{name: value for name, value in exact.items() if value})
    if filters.hold:
        found = found.filter(held_for(filters.hold))
    if filters.since or filters.since_time:
        found = found.filter(placed_at__gte=_moment(filters.since, filters.since_time or time.min))
    if filters.until_time:
        found = found.filter(placed_at__lte=_moment(filters.until, filters.until_time))
    elif filters.until:
        found = found.filter(placed_at__lt=_midnight(filters.until + timedelta(days=1)))
    if filters.tag:
        found = found.filter(tags__contains=[tags.spelt(filters.tag)]).exclude(tags=[])
    if filters.sku:
        names = meanings.names(folding.sku(filters.sku))
        lines = OrderLine.objects.filter(sku_key__in=names)
        found = found.filter(pk__in=lines.values("order_id"))
    return found


def _moment(day: date | None, at: time) -> datetime:
    return datetime.combine(day or timezone.localdate(), at, timezone.get_current_timezone())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())
