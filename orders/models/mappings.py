"""What a sales channel's own SKUs mean: one product or several, with quantities and shares."""

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned
from config.kernel.models.channels import Channel
from inventory.models import Product

MOST_UNITS = 10_000


class ProductMappingQuerySet(models.QuerySet["ProductMapping"]):
    """Product mappings as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep the mappings of the channels a member of staff may see."""
        return self.filter(channel__in=Channel.objects.visible_to(user))


class ProductMapping(Versioned):
    """What one SKU of one channel means; it wins over a product of the same SKU.

    Of the orders that waited for the SKU when the mapping was last saved, `went_on` counts those
    nothing else held, `waits` the others by what held them.
    """

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        verbose_name=_("sales channel"),
        related_name="+",
        db_index=False,
    )
    sku = models.CharField(_("channel's SKU"), max_length=64)
    sku_key = models.CharField(max_length=192, editable=False)
    checks_price = models.BooleanField(
        _("check the price"),
        default=True,
        help_text=_(
            "Against the list prices of its parts, within the channel’s tolerance. "
            "Off for sets that are sold well below them."
        ),
    )
    went_on = models.PositiveIntegerField(default=0, editable=False)
    waits = models.JSONField(default=dict, editable=False)

    objects = ProductMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("product mapping")
        verbose_name_plural = _("product mappings")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "sku_key"],
                name="mapping_once_per_channel",
                violation_error_message=_("This SKU is mapped already."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class MappedProduct(Keyed):
    """So many units of a product in one unit of the channel's SKU, and its share of the price.

    Without shares the list prices in the order's currency decide; where one of them is missing, the
    number of units.
    """

    mapping = models.ForeignKey(
        ProductMapping, models.CASCADE, related_name="products", db_index=False
    )
    position = models.PositiveSmallIntegerField(default=1, editable=False)
    product = models.ForeignKey(
        Product, models.PROTECT, verbose_name=_("product"), related_name="+"
    )
    quantity = models.PositiveIntegerField(
        _("units"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_UNITS)],
    )
    share = models.DecimalField(
        _("share of the price in percent"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("mapped product")
        verbose_name_plural = _("mapped products")
        constraints = [
            models.UniqueConstraint(fields=["mapping", "product"], name="mapped_product_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="mapped_units_positive"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=100),
                name="mapped_share_in_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product.sku}"
