"""The queue of holds: by cause with count and oldest age, then the orders, the oldest first."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config.kernel import clock, words
from config.kernel.admin import bases
from orders import headlines
from orders.admin import order_list
from orders.headlines import OpenHold
from orders.models import Hold
from orders.queries import dashboard
from orders.states import HoldKind, HoldStatus, OrderStatus

PER_PAGE = 50
# In the queue: those somebody wants to be reminded of by now, then the others, then those asleep.
DUE, WAITING, ASLEEP = 1, 2, 3


@admin.register(Hold)
class HoldAdmin(bases.FactsAdmin):
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the causes, and the orders that wait for the chosen one."""
        causes = dashboard.holds_by_cause(orders=order_list.visible(request))
        chosen = request.GET.get("cause", "")
        kind = chosen if chosen in HoldKind.values else ""
        number = _page(request.GET.get("p", ""))
        holds = list(_waiting(request, kind)[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
        now = clock.now()
        return self.show(
            request,
            "orders/holds.html",
            _("Holds"),
            causes=[
                {
                    "kind": one.kind,
                    "label": HoldKind(one.kind).label,
                    "number": words.count(one.count),
                    "age": words.age(one.oldest, now),
                    "is_current": one.kind == kind,
                }
                for one in causes
            ],
            chosen=kind,
            rows=[_shown(hold) for hold in holds[:PER_PAGE]],
            page=number,
            previous=_address(kind, number - 1) if number > 1 else "",
            next=_address(kind, number + 1) if len(holds) > PER_PAGE else "",
            may_release=request.user.has_perm("orders.release_hold"),
            **(extra_context or {}),
        )


def _waiting(request: HttpRequest, kind: str) -> QuerySet[Hold]:
    holds = Hold.objects.filter(
        status=HoldStatus.OPEN,
        order__status=OrderStatus.OPEN,
        order__is_test=False,
        order__in=order_list.visible(request),
    )
    if kind:
        holds = holds.filter(kind=kind)
    today = timezone.localdate()
    rank = Case(
        When(remind_on__lte=today, then=Value(DUE)),
        When(remind_on__gt=today, then=Value(ASLEEP)),
        default=Value(WAITING),
    )
    ranked = holds.select_related("order").annotate(rank=rank)
    return ranked.order_by("rank", "remind_on", "placed_at", "pk")


def _shown(hold: Hold) -> dict[str, Any]:
    order = hold.order
    told = headlines.of_hold(OpenHold(hold.kind, hold.params, hold.placed_by), order.currency)
    release = reverse("admin:orders_order_release_hold", args=[order.pk])
    return {
        "hold": hold,
        "order": order,
        "cause": hold.get_kind_display(),
        "sentence": headlines.sentence(told),
        "actor": headlines.next_actor(told),
        "is_due": hold.rank == DUE,  # type: ignore[attr-defined]
        "release_url": f"{release}?hold={hold.pk}",
    }


def _address(kind: str, number: int) -> str:
    return f"?cause={kind}&p={number}"


def _page(text: str) -> int:
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 5 else 1
