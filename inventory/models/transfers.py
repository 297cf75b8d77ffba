"""Transfers between warehouses: what is in transit is sellable nowhere."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from inventory.models.products import Product
from inventory.models.warehouses import Warehouse


class Transfer(Keyed):
    """Goods on their way from one warehouse to another; `version` counts its events."""

    class Status(models.TextChoices):
        IN_TRANSIT = "in_transit", _("In transit")
        RECEIVED = "received", _("Received")

    number = models.CharField(_("number"), max_length=20, unique=True)
    source = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("from"), related_name="transfers_out"
    )
    destination = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("to"), related_name="transfers_in"
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.IN_TRANSIT)
    sent_at = models.DateTimeField(_("sent"))
    expected_on = models.DateField(_("expected"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    version = models.BigIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="transfer_between_two_warehouses"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLineQuerySet(models.QuerySet["TransferLine"]):
    """Lines of transfers by what is still under way."""

    def in_transit(self) -> Self:
        """Keep lines of which something has neither arrived nor been given up."""
        return self.filter(sent__gt=F("received") + F("lost"))


class TransferLine(Keyed):
    """One product on a transfer: sent = received + lost + still in transit."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="transfer_lines")
    sent = models.PositiveIntegerField(_("sent"))
    received = models.PositiveIntegerField(_("received"), default=0)
    lost = models.PositiveIntegerField(_("lost"), default=0)

    objects = TransferLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer line")
        verbose_name_plural = _("transfer lines")
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "product"], name="transfer_line_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(sent__gte=F("received") + F("lost")),
                name="transfer_line_within_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent} × {self.product_id}"
