"""The order in the console: its list and its page."""

from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kernel.admin import bases
from orders.admin import order_buttons, order_list, order_page
from orders.models import Order


@admin.register(Order)
class OrderAdmin(bases.FactsAdmin):
    buttons = order_buttons.BUTTONS

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; a search that means exactly one order opens it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = order_list.asked(request.GET)
        found = order_list.hits(request, wanted)
        if found is not None and len(found) == 1:
            return HttpResponseRedirect(reverse("admin:orders_order_change", args=found))
        context = {
            **self.admin_site.each_context(request),
            **order_list.context(request, wanted, found),
            **(extra_context or {}),
            "title": _("Orders"),
            "is_fullwidth": "1",
        }
        return TemplateResponse(request, "orders/list.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the order; nothing is edited here, its buttons change it."""
        del form_url
        order = self._order(request, object_id)
        shown = order_page.context(request, order)
        context = {
            **self.admin_site.each_context(request),
            **shown,
            **(extra_context or {}),
            "page_buttons": self.buttons_for(request, order),
            "opts": self.opts,
            "original": order,
            "title": order.number,
            "content_title": order.number,
            "is_fullwidth": "1",
        }
        return TemplateResponse(request, "orders/page.html", context)

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("channel", "customer")
        with suppress(ValidationError):
            order = rows.filter(pk=object_id).first()
            if order is not None:
                return order
        raise Http404
