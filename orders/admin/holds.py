"""The queue of holds, by cause."""

from django.contrib import admin

from config.kernel.admin import bases
from orders.models import Hold


@admin.register(Hold)
class HoldAdmin(bases.FactsAdmin):
    list_display = ("order", "kind", "placed_at", "status")
