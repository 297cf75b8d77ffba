"""The low-stock queue."""

from django.contrib import admin

from config.kernel.admin import bases
from inventory.models import LowStockAlert


@admin.register(LowStockAlert)
class LowStockAlertAdmin(bases.FactsAdmin):
    list_display = ("product", "warehouse", "opened_at")
