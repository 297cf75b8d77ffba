"""Console pages of webhooks: who hears what, how each fares, its secret, tests and replays."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, event_types
from config.kernel.admin import bases, panels
from config.kernel.admin.buttons import Button, ButtonForm, Press
from config.kernel.models import Channel, WebhookDelivery, WebhookEndpoint
from config.kernel.webhooks import endpoints, errands, figures, replay, sender, words

CHANGE = "kernel.change_webhookendpoint"
SHOWN = 10
READ = "kernel.view_webhookdelivery"
LOG = "admin:kernel_webhookdelivery_changelist"


class NoQuestions(ButtonForm):
    """Nothing to ask."""


class EndpointForm(ButtonForm):
    """Name, address and events of a webhook."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What receives it, such as “Web shop, live”."),
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=gettext_lazy("Begins with https:// and can be reached from the internet."),
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: every event, also those that come later."),
    )

    def arrange(self) -> None:
        """Offer every event that channels hear of, and what the webhook has now."""
        known = event_types.known()
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (name, f"{name} – {known[name].when}") for name in event_types.told()
        ]
        if self.record is not None:
            for name in ("name", "url", "types"):
                self.fields[name].initial = getattr(self.record, name)


class NewEndpointForm(EndpointForm):
    """The same, and whose events."""

    field_order = ("channel", "name", "url", "types")
    channel: "forms.ModelChoiceField[Channel]" = forms.ModelChoiceField(
        label=gettext_lazy("Sales channel"), queryset=Channel.objects.none(), empty_label=None
    )

    def arrange(self) -> None:
        """Offer the channels that the reader may see."""
        super().arrange()
        seen = Channel.objects.visible_to(self.request.user).order_by("name")
        self.fields["channel"].queryset = seen  # type: ignore[attr-defined]


class ReplayForm(ButtonForm):
    """Since when, and what."""

    since = forms.DateTimeField(
        label=gettext_lazy("Of all that happened since"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    with_delivered = forms.BooleanField(
        label=gettext_lazy("also what was delivered"), required=False
    )
    with_missed = forms.BooleanField(
        label=gettext_lazy("also what this webhook was never told"), required=False
    )

    def arrange(self) -> None:
        """Suppose all that failed, or a day."""
        failed = WebhookDelivery.objects.filter(endpoint=self.record, state="parked")
        first = failed.aggregate(at=Min("event__occurred_at"))["at"]
        since = timezone.localtime(first or clock.now() - timedelta(days=1))
        self.fields["since"].initial = since.replace(second=0, microsecond=0)


def _create(press: Press) -> HttpResponse:
    given = press.answers
    endpoint, secret = errands.create(
        channel=given["channel"], name=given["name"], url=given["url"], types=given["types"]
    )
    return _show_once(press.request, endpoint, secret)


def _change(press: Press) -> str:
    given = press.answers
    errands.change(
        endpoint_id=press.record.pk, name=given["name"], url=given["url"], types=given["types"]
    )
    return _("Saved.")


def _rotate(press: Press) -> HttpResponse:
    endpoint, secret = endpoints.rotate(endpoint_id=press.record.pk, at=clock.now())
    return _show_once(press.request, endpoint, secret)


def _test(press: Press) -> HttpResponse:
    outcome = sender.ping(endpoint=press.record)
    context = {
        "outcome": outcome,
        "sentence": words.came(outcome.http_status, outcome.error, outcome.detail),
    }
    return _page(press, "webhooks/tested.html", _("Test message"), context)


def _pause(press: Press) -> str:
    endpoints.pause(endpoint_id=press.record.pk)
    return _("Paused. What happens is held for 30 days.")


def _resume(press: Press) -> str:
    held = endpoints.resume(endpoint_id=press.record.pk)
    text = ngettext(
        "Resumed; %(count)d delivery that was held goes out now.",
        "Resumed; %(count)d deliveries that were held go out now.",
        held,
    )
    return text % {"count": held}


def _replay(press: Press) -> str:
    given = press.answers
    found = replay.since(
        endpoint_id=press.record.pk,
        at=given["since"],
        with_delivered=given["with_delivered"],
        with_missed=given["with_missed"],
    )
    number = found.again + found.first
    text = ngettext(
        "%(count)d delivery is sent again.", "%(count)d deliveries are sent again.", number
    )
    return text % {"count": number}


def _remove(press: Press) -> HttpResponse | str:
    endpoints.remove(endpoint_id=press.record.pk)
    return _("The webhook is removed.")


def _show_once(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    press = Press(request, endpoint, {})
    return _page(press, "webhooks/secret.html", _("The secret"), {"secret": secret})


def _page(press: Press, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    whole = {
        **admin.site.each_context(press.request),
        "opts": WebhookEndpoint._meta,  # noqa: SLF001 - Django's documented API
        "title": title,
        "record": press.record,
        **context,
    }
    return TemplateResponse(press.request, template, whole, headers={"Cache-Control": "no-store"})


def _is_active(endpoint: WebhookEndpoint) -> bool:
    return endpoint.status == WebhookEndpoint.Status.ACTIVE


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(bases.FactsAdmin):
    has_overview = True
    buttons = (
        Button(
            name="new",
            label=gettext_lazy("Add webhook"),
            icon="add",
            tone="primary",
            permission="kernel.add_webhookendpoint",
            sensitive=True,
            form=NewEndpointForm,
            run=_create,
            collection=True,
            explain=gettext_lazy(
                "What happens to a channel’s orders is posted to this address, signed. The secret "
                "is shown once."
            ),
        ),
        Button(
            name="test",
            label=gettext_lazy("Send test"),
            icon="send",
            permission=CHANGE,
            form=NoQuestions,
            run=_test,
            explain=gettext_lazy("A signed message of type ping is sent now, once."),
        ),
        Button(
            name="pause",
            label=gettext_lazy("Pause"),
            icon="pause",
            permission=CHANGE,
            form=NoQuestions,
            run=_pause,
            applies=_is_active,
            explain=gettext_lazy("Nothing is sent; what happens is held for 30 days."),
        ),
        Button(
            name="resume",
            label=gettext_lazy("Resume"),
            icon="play_arrow",
            tone="primary",
            permission=CHANGE,
            form=NoQuestions,
            run=_resume,
            applies=lambda endpoint: not _is_active(endpoint),
            explain=gettext_lazy("What was held goes out, the oldest first."),
        ),
        Button(
            name="replay",
            label=gettext_lazy("Send again"),
            icon="replay",
            permission="kernel.replay_webhookdelivery",
            form=ReplayForm,
            run=_replay,
            explain=gettext_lazy(
                "Whatever failed is sent again under its old id; a receiver that had it drops it."
            ),
        ),
        Button(
            name="edit",
            label=gettext_lazy("Edit details"),
            icon="edit",
            permission=CHANGE,
            form=EndpointForm,
            run=_change,
            sensitive=True,
            confirm=gettext_lazy("Save"),
        ),
        Button(
            name="rotate",
            label=gettext_lazy("Rotate secret"),
            icon="autorenew",
            permission=CHANGE,
            form=NoQuestions,
            run=_rotate,
            sensitive=True,
            explain=gettext_lazy(
                "A new secret is shown once. For 24 hours every message is signed with both."
            ),
        ),
        Button(
            name="remove",
            label=gettext_lazy("Remove"),
            icon="delete",
            tone="danger",
            permission=CHANGE,
            form=NoQuestions,
            run=_remove,
            explain=gettext_lazy("What waits for it is never sent. This cannot be undone."),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what was removed."""
        present = super().get_queryset(request).exclude(status=WebhookEndpoint.Status.REMOVED)
        return present.select_related("channel")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show every webhook with its health."""
        now = clock.now()
        present = list(self.get_queryset(request).order_by("channel__name", "name"))
        numbers = figures.of([one.pk for one in present])
        return self.show(
            request,
            "webhooks/list.html",
            _("Webhooks"),
            page_buttons=self.buttons_for(request),
            log_url=reverse(LOG) if request.user.has_perm(READ) else "",
            rows=[
                {
                    "endpoint": one,
                    "host": words.host(one.url),
                    "condition": words.condition(one, now, numbers[one.pk].last),
                    "figures": numbers[one.pk],
                    "log_url": log_url(one),
                }
                for one in present
            ],
            **(extra_context or {}),
        )

    def after_press(self, request: HttpRequest, record: Any = None) -> str:
        """Go back to the list when the webhook is gone."""
        is_there = record is not None and self.get_queryset(request).filter(pk=record.pk).exists()
        return super().after_press(request, record if is_there else None)


def switched_off(request: HttpRequest) -> QuerySet[WebhookEndpoint]:
    """Return the webhooks that failures have switched off, of those that the reader may see."""
    seen = WebhookEndpoint.objects.visible_to(request.user)
    return seen.filter(status=WebhookEndpoint.Status.DISABLED).order_by("disabled_at")


def log_url(endpoint: WebhookEndpoint, state: str = "") -> str:
    """Return the address of an endpoint's deliveries, those in a state if one is given."""
    chosen = f"&state__exact={state}" if state else ""
    return f"{reverse(LOG)}?endpoint={endpoint.pk}{chosen}"


def _health(request: HttpRequest, endpoint: WebhookEndpoint) -> dict[str, Any]:
    now = clock.now()
    numbers = figures.of([endpoint.pk])[endpoint.pk]
    may_change = request.user.has_perm(CHANGE)
    rotating = bool(endpoint.previous_until and endpoint.previous_until > now)
    return {
        "endpoint": endpoint,
        "condition": words.condition(endpoint, now, numbers.last),
        "address": endpoint.url if may_change else words.host(endpoint.url),
        "figures": numbers,
        "rotating_until": endpoint.previous_until if rotating else None,
        "tiles": [
            _tile(_("Waiting"), endpoint, numbers, "waiting", "pending", "quiet"),
            _tile(_("Failed"), endpoint, numbers, "parked", "parked", "bad"),
            _tile(_("Held"), endpoint, numbers, "held", "held", "wait"),
        ],
    }


def _tile(
    label: str,
    endpoint: WebhookEndpoint,
    numbers: figures.Figures,
    name: str,
    state: str,
    tone: str,
) -> dict[str, Any]:
    count = numbers.counts.get(name, 0)
    return {
        "label": label,
        "number": count,
        "oldest": numbers.oldest.get(name),
        "tone": tone if count else "quiet",
        "url": log_url(endpoint, state),
    }


def _latest(request: HttpRequest, endpoint: WebhookEndpoint) -> dict[str, Any] | None:
    if not request.user.has_perm(READ):
        return None
    latest = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-pk")
    return {
        "rows": [
            {
                "delivery": one,
                "came": words.came(one.last_http_status, one.last_error)
                if one.last_http_status or one.last_error
                else "",
            }
            for one in latest.select_related("event")[:SHOWN]
        ],
        "log_url": log_url(endpoint),
    }


panels.register(WebhookEndpoint, "health", load=_health, template="webhooks/health_panel.html")
panels.register(WebhookEndpoint, "latest", load=_latest, template="webhooks/latest_panel.html")
