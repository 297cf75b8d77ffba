"""The low-stock queue: how long stock lasts, how much to buy, a list for each supplier."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from config.kernel import clock
from config.kernel.admin import bases
from inventory import reports
from inventory.models import LowStockAlert, LowStockSubscription, Warehouse
from inventory.queries import console, low_stock
from inventory.queries.low_stock import Low

MOST = 500


@admin.register(LowStockAlert)
class LowStockAlertAdmin(bases.FactsAdmin):
    def get_urls(self) -> list[URLPattern]:
        """Add the list as a file."""
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="inventory_low_stock_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is low, for one supplier or all."""
        alerts = list(console.low_stock(request.user)[: MOST + 1])
        suppliers = {
            alert.product.supplier.code: alert.product.supplier.name
            for alert in alerts
            if alert.product.supplier
        }
        chosen = request.GET.get("supplier", "")
        return self.show(
            request,
            "inventory/low_stock.html",
            _("Low stock"),
            rows=_figures(request, chosen),
            suppliers=sorted(suppliers.items(), key=lambda one: one[1]),
            chosen=chosen,
            export_url=f"{reverse('admin:inventory_low_stock_export')}?supplier={chosen}",
            digests_url=self._digests_url(request),
            has_more=len(alerts) > MOST,
            **(extra_context or {}),
        )

    def export(self, request: HttpRequest) -> HttpResponse:
        """Return the same list as CSV, for a supplier's clerk."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = request.GET.get("supplier", "")
        text = reports.low_stock_csv(_figures(request, chosen))
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="low-stock.csv"'
        return answer

    def _digests_url(self, request: HttpRequest) -> str:
        if not request.user.has_perm("inventory.view_lowstocksubscription"):
            return ""
        return reverse("admin:inventory_lowstocksubscription_changelist")


class DigestForm(forms.ModelForm):
    """Which warehouse's digest somebody wants; the same one twice is refused."""

    user: Any = None

    class Meta:
        model = LowStockSubscription
        fields = ("warehouse",)

    def clean(self) -> dict[str, Any]:
        """Refuse what the reader has already."""
        cleaned = super().clean() or self.cleaned_data
        whose = self.user if self.instance.user_id is None else self.instance.user
        same = LowStockSubscription.objects.filter(user=whose, warehouse=cleaned.get("warehouse"))
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This digest is ordered already."))
        return cleaned


@admin.register(LowStockSubscription)
class LowStockSubscriptionAdmin(ModelAdmin):
    """Who gets the daily digest; whoever may add one gets it for themselves."""

    form = DigestForm
    list_display = ("user", "shown_warehouse", "digested_at")
    list_select_related = ("user", "warehouse")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keep one's own, unless one manages users."""
        rows = super().get_queryset(request)
        if request.user.has_perm("kernel.change_user"):
            return rows
        return rows.filter(user=request.user)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Tell the form who is asking."""
        form = super().get_form(request, *args, **kwargs)
        form.user = request.user
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "warehouse":
            kwargs["queryset"] = Warehouse.objects.visible_to(request.user).order_by("priority")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.user = request.user
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("warehouse"))
    def shown_warehouse(self, subscription: LowStockSubscription) -> str:
        return str(subscription.warehouse or _("All warehouses"))


def _figures(request: HttpRequest, supplier: str) -> list[Low]:
    alerts = console.low_stock(request.user)
    if supplier:
        alerts = alerts.filter(product__supplier__code=supplier)
    return low_stock.figures(alerts[:MOST], at=clock.now())
