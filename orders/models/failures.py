"""Orders that could not be taken in: what was sent, why not, how often; kept beside the orders."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from config.kernel.models.channels import Channel
from orders import states


class FailedOrderQuerySet(models.QuerySet["FailedOrder"]):
    """Failed orders as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep those of the channels a member of staff may see."""
        return self.filter(channel__in=Channel.objects.visible_to(user))

    def waiting(self) -> Self:
        """Keep those that somebody has to look at."""
        return self.filter(status=states.FailureStatus.OPEN)


class FailedOrder(Keyed):
    """An order a channel sent in vain; one record for each reference, however often it was tried.

    `known_by` is the reference, or for what had none the content's digest. `cause` is the code and
    where the first fault is, without positions, so that failures for one cause are found together.
    `payload` is the JSON as it came, secrets removed; it can be tried again while it `is_whole`.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+", db_index=False
    )
    known_by = models.CharField(max_length=130, editable=False)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    origin = models.CharField(_("origin"), max_length=8, choices=states.Origin.choices)
    status = models.CharField(
        _("status"),
        max_length=9,
        choices=states.FailureStatus.choices,
        default=states.FailureStatus.OPEN,
    )
    code = models.CharField(_("code"), max_length=40)
    http_status = models.PositiveSmallIntegerField(null=True)
    cause = models.CharField(_("cause"), max_length=200)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    faults = models.JSONField(_("errors"), default=list)
    params = models.JSONField(default=dict)
    payload = models.TextField(_("content"), blank=True)
    is_whole = models.BooleanField(default=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=120, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    objects = FailedOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("failed order")
        verbose_name_plural = _("failed orders")
        permissions = [
            ("retry_failedorder", _("Can try failed orders again")),
            ("dismiss_failedorder", _("Can dismiss failed orders")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["channel", "known_by"], name="failed_order_once"),
        ]
        indexes = [
            # asked by every order that comes in, and nearly always empty
            models.Index(
                "channel", "reference", name="failed_order_open", condition=Q(status="open")
            ),
            models.Index(fields=["status", "-last_at", "id"], name="failed_order_queue"),
        ]

    def __str__(self) -> str:
        return self.reference or self.code
