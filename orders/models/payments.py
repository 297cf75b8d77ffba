"""Payments as the channel reported them: facts, never edited."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from orders import states
from orders.models.orders import MONEY, Order


class Payment(Keyed):
    """One tender of an order, in the order's currency."""

    order = models.ForeignKey(
        Order, models.CASCADE, verbose_name=_("order"), related_name="payments"
    )
    method = models.CharField(_("method"), max_length=80)
    status = models.CharField(_("status"), max_length=12, choices=states.TenderStatus.choices)
    amount = models.DecimalField(_("amount"), **MONEY)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
        ]
        indexes = [
            models.Index("reference", name="payment_reference", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"
