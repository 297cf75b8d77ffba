"""The queue of stock differences: what was counted, what is expected, what happened last."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock
from config.kernel.admin import bases
from config.kernel.admin.buttons import Button, Press
from inventory.models import StockDifference
from inventory.queries import console
from inventory.services import stock_checks

REPAIR = "inventory.repair_stockdifference"
MOST = 100


def _repair(press: Press) -> str:
    difference = stock_checks.repair(
        difference_id=press.record.pk,
        reason=press.answers["reason"],
        actor=press.actor,
        at=clock.now(),
    )
    if difference.status == StockDifference.Status.GONE:
        return _("The books agree again by themselves; nothing was changed.")
    return _("Repaired by an entry in the ledger.")


@admin.register(StockDifference)
class StockDifferenceAdmin(bases.FactsAdmin):
    buttons = (
        Button(
            name="repair",
            label=gettext_lazy("Repair"),
            icon="build",
            tone="primary",
            permission=REPAIR,
            run=_repair,
            applies=lambda difference: difference.status == StockDifference.Status.OPEN,
            explain=gettext_lazy("The ledger gets an entry that makes the books agree."),
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the open differences with what happened last."""
        found = list(console.differences(request.user)[: MOST + 1])
        levels = {one.level_id for one in found if one.level_id}
        movements = console.last_movements(levels)
        return self.show(
            request,
            "inventory/differences.html",
            _("Stock differences"),
            rows=[
                {
                    "difference": one,
                    "movements": movements.get(one.level_id, []) if one.level_id else [],
                    "repair_url": self.button_url(self.buttons[0], one),
                }
                for one in found[:MOST]
            ],
            has_more=len(found) > MOST,
            may_repair=request.user.has_perm(REPAIR),
            **(extra_context or {}),
        )

    def after_press(self, _request: HttpRequest, _record: Any = None) -> str:
        """Go back to the queue: there is no page of one difference."""
        return reverse("admin:inventory_stockdifference_changelist")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keep the differences of the warehouses the reader may see."""
        rows = super().get_queryset(request)
        return console.seen(rows, request.user)
