"""Stock differences: where the books disagree, until someone with the right repairs them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from inventory.models.stock import StockLevel, StockMovement


class StockDifference(Keyed):
    """One figure that two books state differently, until a ledger entry repairs it.

    `counted` is the figure that is asked about, `expected` the one it is held against. A demand
    that never touched stock has no `level`.
    """

    class Check(models.TextChoices):
        LEDGER_ON_HAND = "ledger_on_hand", _("On hand against the ledger")
        LEDGER_UNAVAILABLE = "ledger_unavailable", _("Unavailable against the ledger")
        LEDGER_RESERVED = "ledger_reserved", _("Allocated against the ledger")
        BINS_ON_HAND = "bins_on_hand", _("On hand against the bins")
        BINS_UNAVAILABLE = "bins_unavailable", _("Unavailable against the bins")
        RESERVATIONS = "reservations", _("Allocated against the allocations")
        ORDERS = "orders", _("Allocations against the orders")
        VERSIONS = "versions", _("Gaps in the ledger")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        REPAIRED = "repaired", _("Repaired")
        GONE = "gone", _("Gone by itself")

    level = models.ForeignKey(
        StockLevel, models.PROTECT, verbose_name=_("stock"), related_name="differences", null=True
    )
    check_kind = models.CharField(_("check"), max_length=20, choices=Check)
    demand_id = models.UUIDField(null=True)
    counted = models.BigIntegerField(_("stated"))
    expected = models.BigIntegerField(_("expected"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    found_at = models.DateTimeField(_("found"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    repaired_by = models.CharField(_("repaired by"), max_length=120, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    movement = models.ForeignKey(
        StockMovement, models.PROTECT, null=True, related_name="+", verbose_name=_("movement")
    )

    class Meta:
        verbose_name = _("stock difference")
        verbose_name_plural = _("stock differences")
        permissions = [("repair_stockdifference", _("Can repair stock differences"))]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "check_kind", "demand_id"],
                condition=Q(status="open"),
                name="difference_once_while_open",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_kind}: {self.counted} / {self.expected}"
