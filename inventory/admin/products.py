"""The product in the console: its stock first, then what people say about it; and suppliers."""

import copy
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import display

from config.kernel import clock, folding, money, words
from config.kernel.actors import Actor
from config.kernel.admin import bases, panels, saved_views
from config.kernel.admin.saved_views import Fixed, Query, SavedViewsMixin
from inventory import barcodes
from inventory.admin import product_filters, stock_buttons
from inventory.models import (
    Barcode,
    Price,
    Product,
    ReorderRule,
    StockLevel,
    Supplier,
    Warehouse,
)
from inventory.queries import console
from inventory.services import products


class ProductForm(bases.VersionedForm):
    """Master data of a product; two spellings of one SKU are one."""

    class Meta:
        model = Product
        exclude = ()

    def clean_sku(self) -> str:
        """Refuse a SKU that another product has, in any spelling."""
        sku = self.cleaned_data["sku"].strip()
        others = Product.objects.filter(sku_key=folding.sku(sku)).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(_("Another product has this SKU."))
        return sku


class BarcodeForm(forms.ModelForm):
    """A barcode in the form it is compared by."""

    def clean_code(self) -> str:
        """Keep a GTIN as 14 digits; a wrong check digit is refused."""
        code = self.cleaned_data["code"]
        if barcodes.is_mistyped(code):
            raise ValidationError(_("The check digit is wrong; type it again."))
        return barcodes.key(code)


class PriceForm(forms.ModelForm):
    """A price in a real currency."""

    def clean_currency(self) -> str:
        """Refuse what is no currency."""
        currency = self.cleaned_data["currency"].upper()
        if not money.is_currency(currency):
            raise ValidationError(_("Not a currency's ISO 4217 code."))
        return currency


class BarcodeInline(TabularInline):
    model = Barcode
    form = BarcodeForm
    extra = 0
    tab = True


class PriceInline(TabularInline):
    model = Price
    form = PriceForm
    extra = 0
    tab = True


class ReorderInline(TabularInline):
    model = ReorderRule
    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReorderRule]:
        """Keep the rules of the warehouses the reader may see."""
        seen = Warehouse.objects.visible_to(request.user)
        return super().get_queryset(request).filter(warehouse__in=seen)


VIEW_BUTTONS = saved_views.buttons("inventory_product", "inventory.view_product")


@admin.register(Product)
class ProductAdmin(SavedViewsMixin, bases.MasterDataAdmin):
    form = ProductForm
    has_overview = True
    inlines = (BarcodeInline, PriceInline, ReorderInline)
    buttons = (*stock_buttons.BUTTONS, *VIEW_BUTTONS)
    list_before_template = "console/view_tabs.html"
    layout_codes = ("products",)
    list_display = (
        "sku_and_name", "shown_on_hand", "shown_unavailable", "shown_allocated",
        "shown_available", "supplier", "is_active",
    )  # fmt: skip
    list_select_related = ("supplier",)
    list_filter = (product_filters.Stock, "is_active", "is_stocked", "supplier")
    search_fields = ("sku_key",)
    search_help_text = gettext_lazy("SKU, barcode or name")
    ordering = ("sku_key",)
    fieldsets = (
        (None, {"fields": (("sku", "name"), ("is_stocked", "is_active"), "picture")}),
        (
            gettext_lazy("Size and customs"),
            {
                "fields": (
                    ("weight_grams", "length_mm"),
                    ("width_mm", "height_mm"),
                    ("hs_code", "origin_country", "tax_category"),
                )
            },
        ),
        (
            gettext_lazy("Buying"),
            {
                "fields": (
                    ("supplier", "supplier_item_number"),
                    ("lead_time_days", "pack_multiple", "minimum_order_quantity"),
                    ("cost", "cost_currency"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add the words of the reader's warehouses to lists; a record's page asks for itself."""
        rows = super().get_queryset(request)
        return rows.annotate(**_sums(request.user)) if self.is_list(request) else rows

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list below the tabs of its views; a bare one opens with the reader's own."""
        if first := self.first_address(request):
            return HttpResponseRedirect(first)
        shown = saved_views.narrowed(request)
        current = next((one.name for one in self.fixed_views() if one.query == shown), "")
        tabs = self.views_context(request, current)
        request.GET = _without(request.GET, "saved")  # type: ignore[assignment]
        return super().changelist_view(request, {**tabs, **(extra_context or {})})

    def fixed_views(self) -> list[Fixed]:
        """Return the views by what is there."""
        by_stock = [Fixed(name, label, {"stock": name}) for name, label in product_filters.STOCK]
        return [Fixed("all", _("All"), {}), *by_stock]

    def rows_of_view(self, request: HttpRequest, query: Query) -> QuerySet[Any]:
        """Return the products that the list would show for a query."""
        asking = copy.copy(request)
        asking.GET = QueryDict(urlencode(query))
        return self.get_changelist_instance(asking).queryset

    class Media:
        js = ("kapell/lists.js",)

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by SKU, barcode or name."""
        if not search_term:
            return queryset, False
        found = [product.pk for product in console.find_products(search_term, 200)]
        return queryset.filter(pk__in=found), False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Keep the SKU's key, and let orders go on that waited for what changed."""
        obj.sku_key = folding.sku(obj.sku)
        super().save_model(request, obj, form, change)
        products.announce(products=[obj], actor=Actor.staff(request.user), at=clock.now())

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("product"), ordering="sku_key")
    def sku_and_name(self, product: Product) -> str:
        return format_html("{}<small class='k-under'>{}</small>", product.sku, product.name)

    @display(description=gettext_lazy("on hand"))
    def shown_on_hand(self, product: Any) -> str:
        return _figure(product, product.sum_on_hand)

    @display(description=gettext_lazy("unavailable"))
    def shown_unavailable(self, product: Any) -> str:
        return _figure(product, product.sum_unavailable)

    @display(description=gettext_lazy("allocated"))
    def shown_allocated(self, product: Any) -> str:
        return _figure(product, product.sum_reserved)

    @display(description=gettext_lazy("available"))
    def shown_available(self, product: Any) -> str:
        if not product.is_stocked:
            return "–"
        units = [product.sum_on_hand, product.sum_unavailable, product.sum_reserved]
        on_hand, unavailable, reserved = (unit or 0 for unit in units)
        return format_html("<b>{}</b>", words.count(on_hand - unavailable - reserved))


@admin.register(Supplier)
class SupplierAdmin(bases.MasterDataAdmin):
    layout_codes = ("suppliers",)
    list_display = ("name", "code", "email", "phone")
    search_fields = ("name", "code")
    ordering = ("name",)
    fieldsets = ((None, {"fields": (("code", "name"), ("email", "phone"), "notes")}),)


def _without(query: QueryDict, name: str) -> QueryDict:
    """Return an address without a parameter that Django's list would take for a filter."""
    rest = query.copy()
    rest.pop(name, None)
    return rest


def _sums(user: Any) -> dict[str, Any]:
    seen = Q(levels__warehouse__in=Warehouse.objects.visible_to(user))
    return {
        f"sum_{name}": Sum(Case(When(seen, then=F(f"levels__{name}")), default=0))
        for name in ("on_hand", "unavailable", "reserved")
    }


def _figure(product: Product, units: int | None) -> str:
    return words.count(units or 0) if product.is_stocked else "–"


def _stock(request: HttpRequest, product: Product) -> dict[str, Any] | None:
    if not product.is_stocked or not request.user.has_perm("inventory.view_stocklevel"):
        return None
    shown = console.places(product_id=product.pk, user=request.user)
    return {
        "places": shown,
        "total": console.total(shown),
    }


def _movements(request: HttpRequest, product: Product) -> dict[str, Any] | None:
    if not product.is_stocked or not request.user.has_perm("inventory.view_stockmovement"):
        return None
    levels = StockLevel.objects.visible_to(request.user).filter(product=product)
    ids = list(levels.values_list("pk", flat=True))
    return {"movements": console.movements(level_ids=ids), "product": product}


def _details(_request: HttpRequest, product: Product) -> dict[str, Any]:
    return {
        "product": product,
        "barcodes": list(product.barcodes.order_by("unit_quantity", "code")),
        "prices": list(product.prices.order_by("currency")),
    }


panels.register(Product, "stock", load=_stock, template="inventory/stock_panel.html", position=10)
panels.register(
    Product, "details", load=_details, template="inventory/details_panel.html", position=30
)
panels.register(
    Product, "movements", load=_movements, template="inventory/movements_panel.html", position=40
)
