"""The log of webhooks: every event's way to every receiver, with its attempts."""

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import words as amounts
from config.kernel.admin import bases, panels
from config.kernel.admin.buttons import Button, Press
from config.kernel.admin.webhooks import NoQuestions
from config.kernel.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import replay, words

ANSWERS = "kernel.view_webhookattempt"
SHOWN = 50


class EndpointFilter(admin.SimpleListFilter):
    """One of the webhooks that the reader may see."""

    title = gettext_lazy("webhook")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Sequence[tuple[str, str]]:
        seen = WebhookEndpoint.objects.visible_to(request.user).order_by("name")
        return [(str(one.pk), one.name) for one in seen]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            return queryset.filter(endpoint=UUID(self.value() or "")) if self.value() else queryset
        except ValueError:
            return queryset.none()


def _replay(press: Press) -> str:
    replay.one(delivery_id=press.record.pk)
    return _("It is sent again under its old id.")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(bases.FactsAdmin):
    has_overview = True
    list_display = (
        "what", "document", "shown_state", "endpoint", "attempt", "came", "happened", "next_try"
    )  # fmt: skip
    list_select_related = ("endpoint", "event")
    list_filter = ("state", EndpointFilter)
    search_fields = ("document",)
    search_help_text = gettext_lazy("Order number or message id")
    ordering = ("-pk",)
    buttons = (
        Button(
            name="replay",
            label=gettext_lazy("Send again"),
            icon="replay",
            tone="primary",
            permission="kernel.replay_webhookdelivery",
            form=NoQuestions,
            run=_replay,
            applies=lambda delivery: delivery.state != WebhookDelivery.State.LEASED,
            explain=gettext_lazy(
                "The same message under the same id; a receiver that had it drops it."
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the deliveries to endpoints that the reader may see."""
        seen = WebhookEndpoint.objects.visible_to(request.user)
        return super().get_queryset(request).filter(endpoint__in=seen)

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the number of what it is about, or by the message's id; both by index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(document=term.upper()) | Q(document=term)
        with contextlib.suppress(ValueError):
            found |= Q(event=UUID(term))
        return queryset.filter(found), False

    @display(description=gettext_lazy("event"))
    def what(self, delivery: WebhookDelivery) -> str:
        return delivery.event.type

    @display(
        description=gettext_lazy("state"),
        label={
            "pending": "info", "leased": "info", "done": "success", "parked": "danger",
            "held": "warning",
        },
    )  # fmt: skip
    def shown_state(self, delivery: WebhookDelivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    @display(description=gettext_lazy("last answer"))
    def came(self, delivery: WebhookDelivery) -> str:
        if not delivery.last_http_status and not delivery.last_error:
            return "–"
        return words.came(delivery.last_http_status, delivery.last_error)

    @display(description=gettext_lazy("happened"), ordering="pk")
    def happened(self, delivery: WebhookDelivery) -> str:
        return amounts.moment(delivery.event.occurred_at)

    @display(description=gettext_lazy("next try"))
    def next_try(self, delivery: WebhookDelivery) -> str:
        due = _due(delivery)
        return amounts.moment(due) if due else "–"


def _due(delivery: WebhookDelivery) -> datetime | None:
    """Return when it is tried next: when it is its turn, and the endpoint has rested."""
    if delivery.state != WebhookDelivery.State.PENDING:
        return None
    return max(delivery.next_at, delivery.endpoint.rest_until or delivery.next_at)


def _about(_request: HttpRequest, delivery: WebhookDelivery) -> dict[str, Any]:
    endpoint = delivery.endpoint
    link = reverse("admin:kernel_webhookendpoint_change", args=[endpoint.pk])
    is_there = endpoint.status != WebhookEndpoint.Status.REMOVED
    return {
        "delivery": delivery,
        "endpoint": format_html('<a href="{}">{}</a>', link, endpoint)
        if is_there
        else endpoint.name,
        "due": _due(delivery),
        "message": json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False),
    }


def _attempts(request: HttpRequest, delivery: WebhookDelivery) -> dict[str, Any]:
    attempts = WebhookAttempt.objects.filter(delivery=delivery).order_by("-pk")[:SHOWN]
    may_read = request.user.has_perm(ANSWERS)
    return {
        "rows": [
            {
                "attempt": one,
                "came": words.came(one.http_status, one.error, one.detail),
                "is_good": 200 <= (one.http_status or 0) < 300,
                "answer": one.answer if may_read else "",
            }
            for one in attempts
        ],
    }


panels.register(WebhookDelivery, "about", load=_about, template="webhooks/about_panel.html")
panels.register(
    WebhookDelivery, "attempts", load=_attempts, template="webhooks/attempts_panel.html"
)
