"""Warehouses with their hours and holidays, and the bins in them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.admin import TabularInline

from config.kernel.admin import bases, channels, fields
from inventory.models import Bin, Holiday, Warehouse
from inventory.queries import calendars
from inventory.services import warehouses


class WarehouseForm(bases.VersionedForm, fields.AddressForm):
    """A warehouse with its address as fields and its week as days."""

    time_zone = fields.time_zone(gettext_lazy("Time zone"))
    working_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Working days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Warehouse
        fields = ("code", "name", "time_zone", "cut_off", "working_days", "priority", "is_active")


class HolidayInline(TabularInline):
    model = Holiday
    extra = 0
    ordering = ("date",)


@admin.register(Warehouse)
class WarehouseAdmin(bases.MasterDataAdmin):
    form = WarehouseForm
    inlines = (HolidayInline,)
    list_display = ("name", "code", "time_zone", "cut_off", "priority", "is_active")
    search_fields = ("name", "code")
    ordering = ("priority", "name")
    fieldsets = (
        (None, {"fields": (("code", "name"), ("priority", "is_active"))}),
        (
            gettext_lazy("Working time"),
            {"fields": (("time_zone", "cut_off"), "working_days")},
        ),
        (gettext_lazy("Address"), {"fields": fields.ADDRESS_FIELDS}),
    )

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Give a new warehouse the bins every warehouse has."""
        super().save_model(request, obj, form, change)
        warehouses.add_default_bins(warehouse_id=obj.pk)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Let ship-by dates follow the new hours and holidays at once."""
        super().save_related(request, form, formsets, change)
        transaction.on_commit(calendars.forget)


@admin.register(Bin)
class BinAdmin(bases.MasterDataAdmin):
    layout_codes = ("bins",)
    list_display = ("code", "warehouse", "kind", "sequence", "is_active")
    list_select_related = ("warehouse",)
    list_filter = ("warehouse", "kind", "is_active")
    search_fields = ("code",)
    ordering = ("warehouse", "sequence", "code")
    fieldsets = (
        (None, {"fields": (("warehouse", "code"), ("kind", "is_active"), ("sequence", "x", "y"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the bins of the warehouses the reader may see."""
        seen = Warehouse.objects.visible_to(request.user)
        return super().get_queryset(request).filter(warehouse__in=seen)

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("warehouse",) if obj else ()

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


def _to_limit_keys_to() -> list[tuple[str, str]]:
    return list(Warehouse.objects.order_by("priority", "code").values_list("code", "name"))


channels.offer_warehouses(_to_limit_keys_to)
