"""Stock: counters per product and warehouse, contents of bins, promises, the append-only ledger."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from inventory.models.products import Product
from inventory.models.warehouses import Bin, Warehouse


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    """Levels with the figures people ask for."""

    def with_available(self) -> Self:
        """Add `available`: on hand − unavailable − allocated."""
        return self.annotate(available=F("on_hand") - F("unavailable") - F("reserved"))

    def visible_to(self, user: Any) -> Self:
        """Keep the levels of the warehouses a member of staff may see."""
        return self.filter(warehouse__in=Warehouse.objects.visible_to(user))


class StockLevel(Keyed):
    """The counters of one product in one warehouse; only `inventory.services.ledger` writes them.

    The table keeps room on its pages and has no index on a counter, so that updates stay heap-only.
    """

    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="levels"
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("warehouse"), related_name="levels"
    )
    on_hand = models.IntegerField(_("on hand"), default=0)
    unavailable = models.IntegerField(_("unavailable"), default=0)
    reserved = models.IntegerField(_("allocated"), default=0)
    version = models.BigIntegerField(default=0)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock by location")
        verbose_name_plural = _("stock by location")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "warehouse"], name="level_once_per_product_and_warehouse"
            ),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="level_on_hand_not_negative"),
            models.CheckConstraint(
                condition=Q(unavailable__gte=0), name="level_unavailable_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="level_reserved_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("reserved") + F("unavailable")),
                name="level_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} @ {self.warehouse_id}"


class BinStock(Keyed):
    """How much of a product lies in a bin, per lot and condition."""

    class Condition(models.TextChoices):
        GOOD = "good", _("Good")
        DAMAGED = "damaged", _("Damaged")

    bin = models.ForeignKey(Bin, models.PROTECT, verbose_name=_("bin"), related_name="contents")
    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="bin_contents"
    )
    lot = models.CharField(_("lot"), max_length=64, null=True, blank=True)  # noqa: DJ001 - NULL: no lot
    condition = models.CharField(
        _("condition"), max_length=8, choices=Condition, default=Condition.GOOD
    )
    quantity = models.IntegerField(_("quantity"), default=0)
    allocated = models.IntegerField(_("allocated"), default=0)

    class Meta:
        verbose_name = _("bin content")
        verbose_name_plural = _("bin contents")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "bin", "lot", "condition"],
                name="bin_stock_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="bin_stock_not_negative"),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, allocated__lte=F("quantity")),
                name="bin_stock_allocated_within_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"


class Reservation(Keyed):
    """A promise: so many units of a level for one demand. The demand is the caller's own key."""

    demand_id = models.UUIDField()
    level = models.ForeignKey(
        StockLevel, models.PROTECT, verbose_name=_("stock"), related_name="reservations"
    )
    quantity = models.IntegerField(_("quantity"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.UniqueConstraint(
                fields=["demand_id", "level"], name="reservation_once_per_demand_and_level"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.demand_id}"


class StockMovement(Keyed):
    """One entry of the ledger: signed changes, where, why, by whom. Never edited.

    `version` is dense per level; a command touches a level once.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Goods in")
        ADJUSTMENT = "adjustment", _("Stock adjustment")
        COUNT = "count", _("Count")
        MOVE = "move", _("Move")
        CONDITION = "condition", _("Condition changed")
        TRANSFER_OUT = "transfer_out", _("Transfer out")
        TRANSFER_IN = "transfer_in", _("Transfer in")
        RESERVE = "reserve", _("Allocated")
        RELEASE = "release", _("Allocation released")
        SHIP = "ship", _("Shipped")
        RETURN = "return", _("Returned")
        REPAIR = "repair", _("Stock difference repaired")

    level = models.ForeignKey(
        StockLevel,
        models.PROTECT,
        verbose_name=_("stock"),
        related_name="movements",
        db_index=False,
    )
    version = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    d_on_hand = models.IntegerField(_("on hand ±"), default=0)
    d_unavailable = models.IntegerField(_("unavailable ±"), default=0)
    d_reserved = models.IntegerField(_("allocated ±"), default=0)
    bin_from = models.ForeignKey(
        Bin, models.PROTECT, verbose_name=_("from bin"), null=True, related_name="+", db_index=False
    )
    bin_to = models.ForeignKey(
        Bin, models.PROTECT, verbose_name=_("to bin"), null=True, related_name="+", db_index=False
    )
    quantity = models.IntegerField(_("quantity"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    document = models.CharField(_("document"), max_length=80, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_label = models.CharField(_("who"), max_length=120, blank=True)
    command_id = models.UUIDField()
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.UniqueConstraint(fields=["level", "version"], name="movement_version_dense"),
            models.UniqueConstraint(
                fields=["command_id", "level"], name="movement_once_per_command"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="movement_is_immutable"),
            pgtrigger.Protect(name="movement_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
