"""Holds: why an order waits, which actions that blocks, who lifted it and why."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from orders import states
from orders.models.orders import Order


class Hold(Keyed):
    """One cause that keeps an order waiting. `params` are the facts its sentence is made from."""

    order = models.ForeignKey(
        Order, models.CASCADE, verbose_name=_("order"), related_name="holds", db_index=False
    )
    kind = models.CharField(_("cause"), max_length=20, choices=states.HoldKind.choices)
    status = models.CharField(
        _("status"), max_length=8, choices=states.HoldStatus.choices, default=states.HoldStatus.OPEN
    )
    params = models.JSONField(default=dict)
    placed_at = models.DateTimeField(_("since"))
    placed_by = models.CharField(_("put on hold by"), max_length=120)
    released_at = models.DateTimeField(_("released"), null=True)
    released_by = models.CharField(_("released by"), max_length=120, blank=True, default="")
    remind_on = models.DateField(_("remind on"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"], condition=Q(status="open"), name="hold_once_while_open"
            ),
        ]
        indexes = [
            models.Index("order", name="hold_of_order"),
            models.Index(
                "remind_on",
                name="hold_reminder",
                condition=Q(status="open", remind_on__isnull=False),
            ),
            models.Index("kind", "placed_at", name="hold_queue", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return self.kind
