"""*Today*: what must leave, what waits and why, what runs out; each number opens its list."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.console import health
from config.kernel import clock, words
from config.kernel.admin import failed as failing
from config.kernel.admin import scope, webhooks
from config.kernel.models import Channel
from inventory.queries import console as stock
from orders.models import Order
from orders.queries import dashboard as numbers
from orders.queries import exceptions, views
from orders.queries.dashboard import Cause, Series
from orders.states import HoldKind

SHOWN_CHANNELS = 5
COLOURS = ("#4f46e5", "#0ea5e9", "#10b981", "#f59e0b", "#ec4899", "#94a3b8")
CHART_OPTIONS = {
    "responsive": True,
    "maintainAspectRatio": False,
    "animation": False,
    "interaction": {"mode": "index", "intersect": False},
    "datasets": {"bar": {"categoryPercentage": 0.85, "barPercentage": 0.95}},
    "plugins": {"legend": {"position": "bottom", "align": "start", "labels": {"boxWidth": 10}}},
    "scales": {
        "x": {"stacked": True, "grid": {"display": False}, "ticks": {"maxTicksLimit": 10}},
        "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}, "grid": {}},
    },
}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what *Today* shows to the index page; the number of statements is fixed."""
    now = clock.now()
    context["title"] = _("Today")
    context["date"] = words.weekday(timezone.localdate(now))
    if request.user.has_perm("orders.view_order"):
        context.update(_of_orders(request, now))
    if request.user.has_perm("inventory.view_stocklevel"):
        context["stock_tiles"] = list(_stock_tiles(request))
    if request.user.has_perm("kernel.view_delivery"):
        context.setdefault("stock_tiles", []).extend(_delivery_tiles(request))
        context.setdefault("notices", []).extend(_switched_off(request))
    context.update(health.of_today(request, now))
    return context


def _of_orders(request: HttpRequest, now: datetime) -> dict[str, Any]:
    channels = scope.channels(request)
    orders = Order.objects.filter(scope.of(request).on("channel_id"))
    at = views.moment(now)
    placed = numbers.placed_per_day(orders=orders, at=at)
    days = numbers.days(at)
    causes = numbers.holds_by_cause(orders=orders)
    due = sum(one.due for one in causes)
    return {
        "order_tiles": [
            *_order_tiles(numbers.counts(orders=orders, at=at), due),
            *_failed_tile(request),
        ],
        "causes": [_cause(one, now) for one in causes],
        "chart": _chart(placed, days, channels) if placed else None,
        "told": _told(placed, days),
        "orders_url": _orders_url(),
    }


def _order_tiles(counts: Mapping[str, int], due: int) -> Iterator[dict[str, Any]]:
    reminders = ngettext("%(count)s reminder due", "%(count)s reminders due", due)
    yield _tile(_("Late"), counts["late"], _view("late"), "alarm", "bad", _("cut-off passed"))
    yield _tile(_("Ship today"), counts["today"], _view("today"), "local_shipping", "busy")
    yield _tile(
        _("On hold"),
        counts["held"],
        _view("held"),
        "front_hand",
        "wait",
        reminders % {"count": words.count(due)} if due else "",
    )
    yield _tile(_("Backordered"), counts["short"], _view("short"), "hourglass_top", "wait")
    yield _tile(
        _("Released"), counts["ready"], _view("ready"), "inventory", "good", _("to the warehouse")
    )
    yield _tile(_("New today"), counts["new"], _view("new"), "add_shopping_cart", "quiet")


def _failed_tile(request: HttpRequest) -> Iterator[dict[str, Any]]:
    if request.user.has_perm("orders.view_failedorder"):
        count = exceptions.failed(list(scope.channels(request))).count
        url = reverse("admin:orders_failedorder_changelist")
        yield _tile(_("Failed orders"), count, url, "error", "bad", _("not taken in"))


def _stock_tiles(request: HttpRequest) -> Iterator[dict[str, Any]]:
    low = stock.low_stock(request.user).count()
    url = reverse("admin:inventory_lowstockalert_changelist")
    yield _tile(_("Low stock"), low, url, "trending_down", "wait", _("to reorder"))
    if request.user.has_perm("inventory.view_stockdifference"):
        differing = stock.differences(request.user).count()
        url = reverse("admin:inventory_stockdifference_changelist")
        yield _tile(_("Stock differences"), differing, url, "rule", "bad", _("books that disagree"))


def _delivery_tiles(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Only when there is something to do: nobody has to look at a nought every morning."""
    failed = failing.count(request)
    if failed:
        url = reverse("admin:kernel_delivery_changelist")
        yield _tile(_("Failed deliveries"), failed, url, "sync_problem", "bad", _("gave up"))


def _switched_off(request: HttpRequest) -> Iterator[dict[str, str]]:
    for endpoint in webhooks.switched_off(request):
        text = _("The webhook “%(name)s” was switched off.") % {"name": endpoint.name}
        url = reverse("admin:kernel_webhookendpoint_change", args=[endpoint.pk])
        yield {"text": text, "url": url}


def _tile(
    label: str, number: int, url: str, icon: str, tone: str, note: str = ""
) -> dict[str, Any]:
    shown = tone if number else "quiet"
    count = words.count(number)
    return {
        "label": label, "number": count, "url": url, "icon": icon, "tone": shown, "note": note
    }  # fmt: skip


def _cause(one: Cause, now: datetime) -> dict[str, Any]:
    return {
        "label": HoldKind(one.kind).label,
        "number": words.count(one.count),
        "age": words.age(one.oldest, now),
        "url": f"{_orders_url()}?hold={one.kind}",
    }


def _orders_url() -> str:
    return reverse("admin:orders_order_changelist")


def _view(name: str) -> str:
    return f"{_orders_url()}?view={name}"


def _chart(
    placed: Sequence[Series], days: Sequence[date], channels: Mapping[UUID, Channel]
) -> dict[str, str]:
    """Stacked bars per channel; the small channels are one."""
    shown = [(channels[one.channel_id].name, one.counts) for one in placed[:SHOWN_CHANNELS]]
    rest = placed[SHOWN_CHANNELS:]
    if rest:
        shown.append(
            (_("Others"), [sum(parts) for parts in zip(*(one.counts for one in rest), strict=True)])
        )
    data = {
        "labels": [words.month_day(day) for day in days],
        "datasets": [
            {"label": name, "data": list(counts), "backgroundColor": colour, "borderRadius": 2}
            for (name, counts), colour in zip(shown, COLOURS, strict=False)
        ],
    }
    return {"data": json.dumps(data), "options": json.dumps(CHART_OPTIONS)}


def _told(placed: Sequence[Series], days: Sequence[date]) -> str:
    """Say the chart, for those who cannot see it and those who will not count bars."""
    per_day = [sum(one.counts[index] for one in placed) for index in range(len(days))]
    total = sum(per_day)
    if not total:
        return ""
    busiest = max(range(len(days)), key=per_day.__getitem__)
    text = ngettext(
        "%(total)s order in 30 days; most on %(day)s: %(most)s",
        "%(total)s orders in 30 days; most on %(day)s: %(most)s",
        total,
    )
    return text % {
        "total": words.count(total),
        "day": words.day(days[busiest]),
        "most": words.count(per_day[busiest]),
    }
