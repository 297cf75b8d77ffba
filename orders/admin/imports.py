"""Import runs: how far they are, what they booked, and which rows were rejected why."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel.admin import bases, panels, scope
from orders.models import ImportRow, ImportRun
from orders.services.importing import report

SHOWN_ROWS = 200


@admin.register(ImportRun)
class ImportRunAdmin(bases.FactsAdmin):
    list_display = (
        "file_name",
        "channel",
        "shown_status",
        "started_at",
        "finished_at",
        "row_count",
    )
    list_select_related = ("channel",)
    list_filter = ("status", "channel")
    ordering = ("-started_at",)
    fields = (
        "file_name", "channel", "stock_mode", "warehouse", "status", "row_count",
        "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the runs of the channels the reader may see."""
        return super().get_queryset(request).filter(channel__in=scope.channels(request))

    @display(
        description=gettext_lazy("status"),
        label={"reading": "info", "booking": "info", "done": "success"},
    )
    def shown_status(self, run: ImportRun) -> tuple[str, str]:
        return run.status, run.get_status_display()


def _result(_request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    rejected = ImportRow.objects.filter(run=run).exclude(error="").order_by("row_number")
    rows = list(rejected[: SHOWN_ROWS + 1])
    return {
        "figures": sorted(run.figures.items()),
        "rows": [
            {
                "number": row.row_number,
                "reference": row.reference,
                "reason": report.reason(row.error, row.data),
                "field": row.data.get("field", ""),
                "value": row.data.get("value", ""),
            }
            for row in rows[:SHOWN_ROWS]
        ],
        "has_more": len(rows) > SHOWN_ROWS,
    }


panels.register(ImportRun, "result", load=_result, template="orders/import_panel.html")
