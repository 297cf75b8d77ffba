"""The queue of stock differences."""

from django.contrib import admin

from config.kernel.admin import bases
from inventory.models import StockDifference


@admin.register(StockDifference)
class StockDifferenceAdmin(bases.FactsAdmin):
    list_display = ("level", "check_kind", "counted", "expected", "found_at")
