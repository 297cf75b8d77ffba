"""What is sold: products with their barcodes, prices and suppliers."""

from collections.abc import Mapping
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel import folding
from config.kernel.models.bases import Keyed, Versioned
from inventory import barcodes


class Supplier(Versioned):
    """Who delivers a product."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    """Products by what they are."""

    def active(self) -> Self:
        """Keep products that may be sold."""
        return self.filter(is_active=True)

    def matching(self, params: Mapping[str, str]) -> Self:
        """Keep products by `sku`, `barcode` (any spelling) and `is_active`, where given."""
        found = self
        if "sku" in params:
            found = found.filter(sku_key=folding.sku(params["sku"]))
        if "barcode" in params:
            found = found.filter(barcodes__code=barcodes.key(params["barcode"]))
        if "is_active" in params:
            found = found.filter(is_active=params["is_active"] == "true")
        return found

    def visible_to(self, user: Any) -> Self:  # noqa: ARG002 - every member of staff sees every product
        """Keep the products a member of staff may see: all of them."""
        return self


class Product(Versioned):
    """Something sold: goods that are stocked, or a non-stock item such as postage.

    `sku_key` is the case-folded SKU; look-ups compare it, never a database collation.
    """

    sku = models.CharField(_("SKU"), max_length=64)
    sku_key = models.CharField(max_length=192, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    is_stocked = models.BooleanField(
        _("stocked item"), default=True, help_text=_("Off for postage, fees and services.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    tax_category = models.CharField(_("tax category"), max_length=32, default="standard")
    weight_grams = models.PositiveIntegerField(_("weight in g"), null=True, blank=True)
    length_mm = models.PositiveIntegerField(_("length in mm"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width in mm"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height in mm"), null=True, blank=True)
    hs_code = models.CharField(_("HS code"), max_length=12, blank=True)
    origin_country = models.CharField(_("country of origin"), max_length=2, blank=True)
    picture = models.ImageField(_("picture"), upload_to="products", blank=True)
    supplier = models.ForeignKey(
        Supplier,
        models.PROTECT,
        verbose_name=_("supplier"),
        related_name="products",
        null=True,
        blank=True,
    )
    supplier_item_number = models.CharField(_("supplier's number"), max_length=64, blank=True)
    lead_time_days = models.PositiveSmallIntegerField(_("lead time in days"), null=True, blank=True)
    pack_multiple = models.PositiveIntegerField(
        _("pack multiple"), default=1, validators=[MinValueValidator(1)]
    )
    minimum_order_quantity = models.PositiveIntegerField(_("minimum order"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=4, null=True, blank=True)
    cost_currency = models.CharField(_("cost currency"), max_length=3, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pack_multiple__gte=1), name="product_pack_multiple_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class Barcode(Keyed):
    """A code printed on a unit, an inner or a case, and how many base units that is.

    `code` is canonical: a GTIN as 14 digits, anything else as scanned.
    """

    product = models.ForeignKey(
        Product, models.CASCADE, verbose_name=_("product"), related_name="barcodes"
    )
    code = models.CharField(_("barcode"), max_length=80, unique=True)
    unit_quantity = models.PositiveIntegerField(
        _("units"), default=1, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit_quantity__gte=1), name="barcode_unit_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Price(Keyed):
    """A product's list price in one currency, and the floor it is never sold below."""

    product = models.ForeignKey(
        Product, models.CASCADE, verbose_name=_("product"), related_name="prices"
    )
    currency = models.CharField(_("currency"), max_length=3)
    list_price = models.DecimalField(
        _("list price"), max_digits=18, decimal_places=6, validators=[MinValueValidator(0)]
    )
    floor_price = models.DecimalField(
        _("floor"),
        max_digits=18,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="price_once_per_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.list_price} {self.currency}"
