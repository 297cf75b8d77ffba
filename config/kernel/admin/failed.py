"""Failed deliveries: what gave up, to receivers outside and inside Kapell, and one more try."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import dispatch, event_types
from config.kernel.admin import bases, scope
from config.kernel.admin.buttons import Button, Press
from config.kernel.admin.webhooks import NoQuestions, log_url
from config.kernel.models import Delivery, WebhookDelivery, WebhookEndpoint

MOST = 100


def _retry(press: Press) -> str:
    if not dispatch.retry(delivery_id=press.record.pk):
        return _("It is under way already.")
    return _("It is tried again now.")


@admin.register(Delivery)
class DeliveryAdmin(bases.FactsAdmin):
    """One page for all that gave up; a record has no page of its own."""

    buttons = (
        Button(
            name="retry",
            label=gettext_lazy("Try again"),
            icon="replay",
            tone="primary",
            permission="kernel.retry_delivery",
            form=NoQuestions,
            run=_retry,
            applies=lambda delivery: delivery.state == Delivery.State.PARKED,
            explain=gettext_lazy("What should have followed from the event is done now."),
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what gave up: outside by webhook, inside one by one."""
        inside = list(self._parked(request)[: MOST + 1])
        return self.show(
            request,
            "webhooks/failed.html",
            _("Failed deliveries"),
            outside=_outside(request),
            inside=[
                {"delivery": one, "what": _told(one), "url": self.button_url(self.buttons[0], one)}
                for one in inside[:MOST]
            ],
            has_more=len(inside) > MOST,
            may_retry=request.user.has_perm("kernel.retry_delivery"),
            **(extra_context or {}),
        )

    def after_press(self, _request: HttpRequest, _record: Any = None) -> str:
        """Go back to the page of all that failed."""
        return reverse("admin:kernel_delivery_changelist")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return _inside(request)

    def _parked(self, request: HttpRequest) -> QuerySet[Any]:
        failed = self.get_queryset(request).filter(state=Delivery.State.PARKED)
        return failed.select_related("event").order_by("-pk")


def count(request: HttpRequest) -> int:
    """Return how many deliveries gave up, of those that the reader may see."""
    seen = WebhookEndpoint.objects.visible_to(request.user).exclude(
        status=WebhookEndpoint.Status.REMOVED
    )
    outside = WebhookDelivery.objects.filter(state="parked", endpoint__in=seen)
    return outside.count() + _inside(request).filter(state=Delivery.State.PARKED).count()


def _inside(request: HttpRequest) -> QuerySet[Any]:
    """Keep what concerns no channel, or one that the reader may see."""
    limit = scope.of(request).on("event__channel_id")
    rows = Delivery.objects.all()
    return rows.filter(Q(event__channel=None) | limit) if limit else rows


def _outside(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.has_perm("kernel.view_webhookdelivery"):
        return []
    seen = WebhookEndpoint.objects.visible_to(request.user)
    present = seen.exclude(status=WebhookEndpoint.Status.REMOVED).in_bulk()
    parked = WebhookDelivery.objects.filter(state="parked", endpoint__in=list(present))
    counted = parked.values("endpoint").annotate(count=Count("pk"), oldest=Min("state_since"))
    may_replay = request.user.has_perm("kernel.replay_webhookdelivery")
    return [
        {
            "endpoint": present[row["endpoint"]],
            "count": row["count"],
            "oldest": row["oldest"],
            "log_url": log_url(present[row["endpoint"]], "parked"),
            "replay_url": reverse("admin:kernel_webhookendpoint_replay", args=[row["endpoint"]])
            if may_replay
            else "",
        }
        for row in counted.order_by("oldest")
    ]


def _told(delivery: Delivery) -> str:
    """Return what happened, in the words of the event's type."""
    known = event_types.known().get(delivery.event.type)
    return str(known.when) if known else delivery.event.type
