"""Events: one row is timeline, outbox and webhook source; deliveries are claimed by state."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class CurrentTransaction(models.Func):
    """PostgreSQL's number of the transaction that writes the row."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Event(Keyed):
    """Something that happened, in ids, codes and quantities: nothing that needs erasing.

    `aggregate_version` is dense per aggregate, so receivers can order and drop duplicates.
    `transaction_id` lets a poller see only what no running transaction can still precede; it counts
    on one database server only, so `epoch` comes before it (`installation.settle` raises the
    column's default when the data has moved to another server).
    """

    type = models.CharField(_("type"), max_length=60)
    aggregate = models.CharField(_("aggregate"), max_length=20)
    aggregate_id = models.UUIDField()
    aggregate_version = models.BigIntegerField()
    subject_id = models.UUIDField(null=True)
    channel = models.ForeignKey(
        "kernel.Channel", models.PROTECT, null=True, related_name="+", db_index=False
    )
    occurred_at = models.DateTimeField(_("when"))
    payload = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_label = models.CharField(_("who"), max_length=120, blank=True)
    command_id = models.UUIDField()
    fanned_out = models.BooleanField(default=False, db_default=False)
    silent = models.BooleanField(default=False, db_default=False)
    epoch = models.PositiveIntegerField(db_default=0, editable=False)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_id", "aggregate_version"], name="event_version_once"
            ),
        ]
        indexes = [
            models.Index(
                "subject_id",
                "id",
                name="event_timeline",
                condition=models.Q(subject_id__isnull=False),
            ),
            models.Index("channel", "epoch", "transaction_id", "id", name="event_feed"),
            models.Index("id", name="event_outbox", condition=models.Q(fanned_out=False)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="event_is_immutable", exclude=["fanned_out"]),
            pgtrigger.Protect(name="event_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.type


class Delivery(Keyed):
    """One handler's turn with one event, claimed by state with a lease and a token."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        LEASED = "leased", _("Being handled")
        DONE = "done", _("Done")
        PARKED = "parked", _("Failed")

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    handler = models.CharField(_("handler"), max_length=120)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    attempt = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"), db_default=Now())
    token = models.UUIDField(null=True)
    last_error = models.TextField(_("last error"), blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("retry_delivery", _("Can try failed deliveries again"))]
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once_per_handler"),
        ]
        indexes = [
            models.Index(
                "next_at",
                "id",
                name="delivery_due",
                condition=models.Q(state__in=["pending", "leased"]),
            ),
            models.Index("id", name="delivery_parked", condition=models.Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.handler}: {self.state}"
