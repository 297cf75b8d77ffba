"""Narrows the list of products down by what is there, in the warehouses the reader may see."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from inventory.models import LowStockAlert, StockLevel, Warehouse
from inventory.queries import low_stock

STOCK = (
    ("none", gettext_lazy("Nothing available")),
    ("low", gettext_lazy("Low stock")),
)


class Stock(admin.SimpleListFilter):
    title = gettext_lazy("stock")
    parameter_name = "stock"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Any:
        return STOCK

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            stocked = queryset.filter(is_stocked=True, is_active=True)
            return stocked.filter(~Exists(_available(request.user)))
        if self.value() == "low":
            return queryset.filter(Exists(_low(request.user)))
        return queryset


def _available(user: Any) -> QuerySet[StockLevel]:
    levels = StockLevel.objects.visible_to(user).filter(product=OuterRef("pk"))
    return levels.filter(Q(on_hand__gt=F("unavailable") + F("reserved")))


def _low(user: Any) -> QuerySet[LowStockAlert]:
    seen = Warehouse.objects.visible_to(user)
    return low_stock.open_alerts().filter(product=OuterRef("pk"), warehouse__in=seen)
