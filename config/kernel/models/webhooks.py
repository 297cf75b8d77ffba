"""Webhooks: who wants to hear what, each event's way to each of them, and every try of it."""

from typing import Any, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned
from config.kernel.models.channels import Channel
from config.kernel.models.events import Event


class EndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Endpoints as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep the endpoints of the channels that a member of staff may see."""
        return self.filter(channel__in=Channel.objects.visible_to(user))


class WebhookEndpoint(Versioned):
    """An address that hears what happens in a channel, how it is signed for, and how it fares.

    Secrets are sealed. `failures` counts those in a row; from the fifth on the breaker is open.
    Nothing is sent before `rest_until`.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        DISABLED = "disabled", _("Switched off")
        REMOVED = "removed", _("Removed")

    class Cause(models.TextChoices):
        GONE = "gone", _("It answered that it is gone for good (410).")
        FAILING = "failing", _("Nothing was accepted for five days.")

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=2000)
    types = ArrayField(
        models.CharField(max_length=60), verbose_name=_("events"), default=list, blank=True
    )
    status = models.CharField(
        _("state"), max_length=8, choices=Status, default=Status.ACTIVE, editable=False
    )
    secret = models.TextField(editable=False)
    previous_secret = models.TextField(editable=False, blank=True, default="")
    previous_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rest_until = models.DateTimeField(null=True, editable=False)
    last_success_at = models.DateTimeField(_("last success"), null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_cause = models.CharField(
        max_length=8, choices=Cause, blank=True, default="", editable=False
    )
    told_at = models.DateTimeField(null=True, editable=False)
    telling_until = models.DateTimeField(null=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Keyed):
    """One event's way to one endpoint, claimed by state with a lease and a token.

    `body` is what is sent, the same bytes at every try and every replay; `document` is the number
    of what it is about, such as an order's.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        LEASED = "leased", _("Being sent")
        DONE = "done", _("Delivered")
        PARKED = "parked", _("Failed")
        HELD = "held", _("Held")

    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_index=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.PROTECT,
        verbose_name=_("webhook"),
        related_name="+",
        db_index=False,
    )
    document = models.CharField(_("number"), max_length=40, blank=True, default="")
    body = models.TextField()
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    state_since = models.DateTimeField(_("since"), db_default=Now())
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), db_default=Now())
    token = models.UUIDField(null=True)
    last_http_status = models.PositiveSmallIntegerField(_("last answer"), null=True)
    last_error = models.CharField(_("last error"), max_length=20, blank=True, default="")

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        permissions = [("replay_webhookdelivery", _("Can send webhook deliveries again"))]
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_once_per_endpoint"),
        ]
        indexes = [
            models.Index(
                "endpoint",
                "next_at",
                "id",
                name="webhook_due",
                condition=models.Q(state__in=["pending", "leased"]),
            ),
            models.Index("endpoint", "id", name="webhook_log"),
            models.Index(
                "document", "id", name="webhook_document", condition=~models.Q(document="")
            ),
            models.Index(
                "state",
                "state_since",
                name="webhook_settled",
                condition=models.Q(state__in=["done", "parked", "held"]),
            ),
        ]

    def __str__(self) -> str:
        return self.document or str(self.event_id)


class WebhookAttempt(Keyed):
    """One request and what came of it; a test message has no delivery. Never changed."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="+", db_index=False)
    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, null=True, related_name="attempts", db_index=False
    )
    number = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField(_("when"))
    took_ms = models.PositiveIntegerField(_("took"))
    http_status = models.PositiveSmallIntegerField(_("answer"), null=True)
    error = models.CharField(_("error"), max_length=20, blank=True, default="")
    detail = models.CharField(max_length=120, blank=True, default="")
    answer = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        indexes = [
            models.Index("delivery", "id", name="webhook_attempts_of"),
            models.Index("endpoint", "started_at", name="webhook_attempts_at"),
            BrinIndex(fields=["started_at"], name="webhook_attempt_age"),
        ]
        triggers = [pgtrigger.Protect(name="webhook_attempt_is_kept", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S}: {self.http_status or self.error}"
