"""The ledger of stock: what changed, where, why, and by whom."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import words
from config.kernel.admin import bases
from inventory.models import StockMovement, Warehouse
from inventory.queries import console


@admin.register(StockMovement)
class StockMovementAdmin(bases.FactsAdmin):
    list_display = (
        "at", "product", "where", "kind", "change_on_hand", "change_allocated",
        "reason", "document", "actor_label",
    )  # fmt: skip
    list_select_related = ("level__product", "level__warehouse", "bin_from", "bin_to")
    list_filter = ("kind", "level__warehouse")
    search_fields = ("document",)
    search_help_text = gettext_lazy("SKU, barcode or product name")
    ordering = ("-pk",)
    fields = (
        "at", "kind", "level", "d_on_hand", "d_unavailable", "d_reserved", "quantity",
        "bin_from", "bin_to", "reason", "document", "actor_label", "version",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the movements of the warehouses the reader may see."""
        seen = Warehouse.objects.visible_to(request.user)
        return super().get_queryset(request).filter(level__warehouse__in=seen)

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by product."""
        if not search_term:
            return queryset, False
        found = [product.pk for product in console.find_products(search_term)]
        return queryset.filter(level__product__in=found), False

    @display(description=gettext_lazy("product"))
    def product(self, movement: StockMovement) -> str:
        return movement.level.product.sku

    @display(description=gettext_lazy("where"))
    def where(self, movement: StockMovement) -> str:
        bins = [one.code for one in (movement.bin_from, movement.bin_to) if one]
        return format_html(
            "{}<small class='k-under'>{}</small>", movement.level.warehouse.code, " → ".join(bins)
        )

    @display(description=gettext_lazy("on hand"))
    def change_on_hand(self, movement: StockMovement) -> str:
        return words.signed(movement.d_on_hand)

    @display(description=gettext_lazy("allocated"))
    def change_allocated(self, movement: StockMovement) -> str:
        return words.signed(movement.d_reserved)
