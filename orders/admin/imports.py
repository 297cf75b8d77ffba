"""Import runs: how far they are, and which rows were rejected why."""

from django.contrib import admin

from config.kernel.admin import bases
from orders.models import ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(bases.FactsAdmin):
    list_display = ("file_name", "channel", "status", "started_at", "row_count")
