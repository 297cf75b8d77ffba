"""The numbers of *Today*: each is counted by the very condition of the list it opens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from config.kernel import sql
from orders.models import Hold, Order
from orders.queries import views
from orders.queries.views import Moment
from orders.states import HoldStatus, OrderStatus

DAYS = 30
LAST_ORDERS = """
SELECT channel.id, (
  SELECT placed_at FROM orders_order WHERE channel_id = channel.id
  ORDER BY placed_at DESC, id DESC LIMIT 1)
FROM unnest(%s::uuid[]) WITH ORDINALITY channel (id, place) ORDER BY channel.place
"""
OF_OPEN = ("today", "late", "held", "short", "ready", "unpaid", "open")


@dataclass(frozen=True, slots=True)
class Cause:
    """How many orders wait for one cause, since when the oldest, and how many reminders are due."""

    kind: str
    count: int
    oldest: datetime
    due: int


@dataclass(frozen=True, slots=True)
class Series:
    """How many orders came in per day through one sales channel."""

    channel_id: UUID
    counts: Sequence[int]


def counts(*, orders: QuerySet[Order], at: Moment) -> dict[str, int]:
    """Return how many orders each named view holds, in two statements."""
    wanted = {name: Count("pk", filter=views.VIEWS[name].condition(at)) for name in OF_OPEN}
    of_open = orders.filter(views.OPEN).aggregate(**wanted)
    new = orders.filter(views.VIEWS["new"].condition(at)).aggregate(new=Count("pk"))
    return {**of_open, **new}


def holds_by_cause(*, orders: QuerySet[Order]) -> list[Cause]:
    """Return the causes that open orders wait for, the commonest first, in one statement."""
    holds = Hold.objects.filter(
        status=HoldStatus.OPEN, order__status=OrderStatus.OPEN, order__is_test=False
    )
    is_due = Q(remind_on__lte=timezone.localdate())
    grouped = (
        holds.filter(order__in=orders)
        .values("kind")
        .annotate(count=Count("pk"), oldest=Min("placed_at"), due=Count("pk", filter=is_due))
        .order_by("-count", "kind")
    )
    return [Cause(row["kind"], row["count"], row["oldest"], row["due"]) for row in grouped]


def days(at: Moment) -> list[date]:
    """Return the days of the chart, the reader's today last."""
    today = timezone.localdate(at.now)
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def placed_per_day(*, orders: QuerySet[Order], at: Moment) -> list[Series]:
    """Return the orders of the chart's days per channel, the busiest first, in one statement."""
    begins = at.day_begins - timedelta(days=DAYS)
    rows = (
        orders.filter(placed_at__gte=begins, placed_at__lt=at.day_ends, is_test=False)
        .annotate(day=TruncDate("placed_at"))
        .values("channel_id", "day")
        .annotate(count=Count("pk"))
        .order_by()
        .values_list("channel_id", "day", "count")
    )
    return _series(rows, days(at))


def _series(rows: Iterable[tuple[UUID, date, int]], shown: Sequence[date]) -> list[Series]:
    found: dict[UUID, dict[date, int]] = {}
    for channel_id, day, count in rows:
        found.setdefault(channel_id, {})[day] = count
    series = [Series(channel, _counts(by_day, shown)) for channel, by_day in found.items()]
    return sorted(series, key=lambda one: -sum(one.counts))


def last_orders(*, channels: Iterable[UUID]) -> list[tuple[UUID, datetime | None]]:
    """Return when each of these channels' last order was placed, in one statement."""
    return [(one, at) for one, at in sql.fetch(LAST_ORDERS, [sql.array(channels)])]


def _counts(by_day: Mapping[date, int], shown: Sequence[date]) -> list[int]:
    return [by_day.get(day, 0) for day in shown]
