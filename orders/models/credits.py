"""Credits: what is given back, with or without an order; a credit note documents one later."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from config.kernel.models.channels import Channel
from customers.models import Customer
from inventory.models import Product
from orders.models.orders import MONEY, Order


class Credit(Keyed):
    """Money owed to a customer for goods or charges; the channel's `reference` is unique."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+", db_index=False
    )
    reference = models.CharField(_("reference"), max_length=120)
    order = models.ForeignKey(
        Order, models.PROTECT, verbose_name=_("order"), related_name="credits", null=True
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, verbose_name=_("customer"), related_name="+", null=True
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    total_amount = models.DecimalField(_("total"), **MONEY)
    placed_at = models.DateTimeField(_("when"))
    created_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "reference"], name="credit_reference_once_per_channel"
            ),
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="credit_not_negative"),
        ]

    def __str__(self) -> str:
        return self.reference


class CreditLine(Keyed):
    """What one line gives back; `restocked` units went back to stock."""

    credit = models.ForeignKey(Credit, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=64)
    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="+", null=True
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    restocked = models.PositiveIntegerField(_("back to stock"), default=0)
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    amount = models.DecimalField(_("amount"), **MONEY)

    class Meta:
        verbose_name = _("credit line")
        verbose_name_plural = _("credit lines")
        constraints = [
            models.UniqueConstraint(
                fields=["credit", "position"], name="credit_line_position_once"
            ),
            models.CheckConstraint(
                condition=Q(restocked__lte=models.F("quantity")),
                name="credit_line_restocked_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"
