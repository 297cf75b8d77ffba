"""What waits for a person: holds by cause, those alike together, and the orders that failed."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, words
from config.kernel.admin import bases, scope
from orders import headlines
from orders.admin import hold_groups, mappings, order_list
from orders.headlines import OpenHold
from orders.models import Hold
from orders.queries import dashboard, exceptions
from orders.states import HoldKind, HoldStatus, OrderStatus

PER_PAGE = 50
# In the queue: those somebody wants to be reminded of by now, then the others, then those asleep.
DUE, WAITING, ASLEEP = 1, 2, 3


# What mends a cause, as a button of the order; of any other: release it.
MENDED_BY = {
    HoldKind.ADDRESS: ("correct_address", "orders.change_order", gettext_lazy("Correct address")),
    HoldKind.PAYMENT: ("record_payment", "orders.add_payment", gettext_lazy("Record payment")),
}


@admin.register(Hold)
class HoldAdmin(bases.FactsAdmin):
    buttons = hold_groups.BUTTONS

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the causes, what is alike among the chosen one's, and the orders that wait."""
        chosen = request.GET.get("cause", "")
        kind = chosen if chosen in HoldKind.values else ""
        number = _page(request.GET.get("p", ""))
        holds = list(_waiting(request, kind)[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
        may_release = request.user.has_perm("orders.release_hold")
        return self.show(
            request,
            "orders/holds.html",
            _("Holds and failed orders"),
            causes=list(_causes(request, kind)),
            failed=_failed(request),
            groups=hold_groups.of(request, kind),
            chosen=HoldKind(kind).label if kind else "",
            rows=[_shown(request, hold) for hold in holds[:PER_PAGE]],
            pages={
                "number": number,
                "previous": _address(kind, number - 1) if number > 1 else "",
                "next": _address(kind, number + 1) if len(holds) > PER_PAGE else "",
            },
            may_release=may_release,
            release_all_url=hold_groups.release_all_url(kind) if kind and may_release else "",
            **(extra_context or {}),
        )


def _causes(request: HttpRequest, kind: str) -> Iterator[dict[str, Any]]:
    now = clock.now()
    for one in dashboard.holds_by_cause(orders=order_list.visible(request)):
        yield {
            "kind": one.kind,
            "label": HoldKind(one.kind).label,
            "number": words.count(one.count),
            "age": words.age(one.oldest, now),
            "is_current": one.kind == kind,
        }


def _failed(request: HttpRequest) -> dict[str, Any] | None:
    """The tile of failed orders; None when there are none, or not for this reader."""
    if not request.user.has_perm("orders.view_failedorder"):
        return None
    told = exceptions.failed(list(scope.channels(request)))
    if told.oldest is None:
        return None
    return {"number": words.count(told.count), "age": words.age(told.oldest, clock.now())}


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


def _shown(request: HttpRequest, hold: Hold) -> dict[str, Any]:
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
        "mend": _mend(request, hold),
        "release_url": f"{release}?hold={hold.pk}",
    }


def _mend(request: HttpRequest, hold: Hold) -> dict[str, str] | None:
    """The button that takes away the cause itself."""
    skus = hold.params.get("skus")
    if hold.kind == HoldKind.UNKNOWN_PRODUCT and skus and request.user.has_perm(hold_groups.MAP):
        url = mappings.add_url(channel=hold.order.channel_id, sku=skus[0])
        return {"label": _("Map"), "url": url}
    button, permission, label = MENDED_BY.get(HoldKind(hold.kind), ("", "", ""))
    if not button or not request.user.has_perm(permission):
        return None
    return {
        "label": str(label),
        "url": reverse(f"admin:orders_order_{button}", args=[hold.order_id]),
    }


def _address(kind: str, number: int) -> str:
    return f"?cause={kind}&p={number}"


def _page(text: str) -> int:
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 5 else 1
