"""Transfers between warehouses: what is under way, and how it arrives."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import clock
from config.kernel.admin import bases, panels
from config.kernel.admin.buttons import Button, ButtonForm, Press
from inventory.admin import stock_forms
from inventory.models import Transfer, TransferLine, Warehouse
from inventory.services import transfers


class LinesForm(ButtonForm):
    """Asks for a number of units per product that is still in transit."""

    def arrange(self) -> None:
        """Make a field per product, filled with all that is in transit."""
        lines = TransferLine.objects.filter(transfer=self.record).in_transit()
        for line in lines.select_related("product"):
            left = line.sent - line.received - line.lost
            self.fields[f"product-{line.product_id}"] = stock_forms.quantity(
                str(line.product), min_value=0, max_value=left, initial=left, required=False
            )

    def quantities(self) -> Mapping[UUID, int]:
        """Return the units per product that were asked for."""
        return {
            UUID(name.removeprefix("product-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("product-") and value
        }

    def clean(self) -> dict[str, Any]:
        """Hand over the quantities as one answer."""
        cleaned = super().clean() or self.cleaned_data
        return {**cleaned, "quantities": self.quantities()}


class LossForm(LinesForm):
    """Asks why units will never arrive."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def arrange(self) -> None:
        """Suppose that nothing is lost."""
        super().arrange()
        for name, field in self.fields.items():
            if name.startswith("product-"):
                field.initial = 0


def _receive(press: Press) -> str:
    transfer = transfers.receive(
        transfer_id=press.record.pk,
        quantities=press.answers["quantities"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    return _("Booked in from transfer %(number)s.") % {"number": transfer.number}


def _write_off(press: Press) -> str:
    transfer = transfers.write_off(
        transfer_id=press.record.pk,
        quantities=press.answers["quantities"],
        reason=press.answers["reason"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    return _("Written off from transfer %(number)s.") % {"number": transfer.number}


def _is_under_way(transfer: Transfer) -> bool:
    return transfer.status == Transfer.Status.IN_TRANSIT


@admin.register(Transfer)
class TransferAdmin(bases.FactsAdmin):
    list_display = ("number", "source", "destination", "shown_status", "sent_at", "expected_on")
    list_select_related = ("source", "destination")
    list_filter = ("status", "source", "destination")
    search_fields = ("number",)
    ordering = ("-sent_at",)
    fields = (
        "number", "source", "destination", "status",
        "sent_at", "expected_on", "received_at", "note",
    )  # fmt: skip
    readonly_fields = fields
    buttons = (
        Button(
            name="receive",
            label=gettext_lazy("Receive"),
            icon="move_to_inbox",
            tone="primary",
            permission="inventory.change_transfer",
            form=LinesForm,
            run=_receive,
            applies=_is_under_way,
            explain=gettext_lazy("What you leave out stays in transit."),
        ),
        Button(
            name="write-off",
            label=gettext_lazy("Write off"),
            icon="delete_forever",
            tone="danger",
            permission="inventory.change_transfer",
            form=LossForm,
            run=_write_off,
            applies=_is_under_way,
            explain=gettext_lazy("Units that will never arrive; an entry in the ledger says so."),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the transfers from or to the warehouses the reader may see."""
        seen = Warehouse.objects.visible_to(request.user)
        concerned = Q(source__in=seen) | Q(destination__in=seen)
        return super().get_queryset(request).filter(concerned)

    @display(
        description=gettext_lazy("status"),
        label={"in_transit": "info", "received": "success"},
    )
    def shown_status(self, transfer: Transfer) -> tuple[str, str]:
        return transfer.status, transfer.get_status_display()


def _lines(_request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
    lines = TransferLine.objects.filter(transfer=transfer).select_related("product")
    return {
        "lines": [
            {"line": line, "left": line.sent - line.received - line.lost}
            for line in lines.order_by("product__sku_key")
        ]
    }


panels.register(Transfer, "lines", load=_lines, template="inventory/transfer_panel.html")
