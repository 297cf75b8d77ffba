"""Running low: reorder points, the one open alert per product and warehouse, the digest."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned
from inventory.models.products import Product
from inventory.models.warehouses import Warehouse


class ReorderRule(Versioned):
    """From which available quantity on a product is low in a warehouse, and how many to order."""

    product = models.ForeignKey(
        Product, models.CASCADE, verbose_name=_("product"), related_name="reorder_rules"
    )
    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, verbose_name=_("warehouse"), related_name="reorder_rules"
    )
    reorder_point = models.PositiveIntegerField(_("reorder point"))
    reorder_quantity = models.PositiveIntegerField(_("reorder quantity"), default=0)

    class Meta:
        verbose_name = _("reorder point")
        verbose_name_plural = _("reorder points")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "warehouse"], name="reorder_rule_once_per_product_and_warehouse"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.reorder_point}"


class LowStockAlert(Keyed):
    """A product is low in a warehouse; closed by itself when stock is back."""

    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="low_stock_alerts"
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("warehouse"), related_name="low_stock_alerts"
    )
    opened_at = models.DateTimeField(_("since"))
    available_then = models.IntegerField(_("available when opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("low stock alert")
        verbose_name_plural = _("low stock")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "warehouse"],
                condition=Q(closed_at__isnull=True),
                name="low_stock_alert_once_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} @ {self.warehouse_id}"


class LowStockSubscription(Keyed):
    """A member of staff who gets the daily digest, for one warehouse or all.

    `claimed_until` belongs to whoever is sending; `digested_at` is when the last mail went out.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    warehouse = models.ForeignKey(
        Warehouse,
        models.CASCADE,
        verbose_name=_("warehouse"),
        null=True,
        blank=True,
        related_name="+",
    )
    claimed_until = models.DateTimeField(null=True, editable=False)
    digested_at = models.DateTimeField(_("last sent"), null=True, editable=False)

    class Meta:
        verbose_name = _("low stock digest")
        verbose_name_plural = _("low stock digests")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "warehouse"],
                name="low_stock_subscription_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
