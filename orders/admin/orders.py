"""The order in the console: its list and its page."""

from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kernel.admin import saved_views
from config.kernel.admin.buttons import Shown
from config.kernel.admin.saved_views import Fixed, Query, SavedViewsMixin
from orders.admin import (
    bulk,
    entry,
    giving_buttons,
    order_asked,
    order_buttons,
    order_list,
    order_notes,
    order_page,
)
from orders.admin.entry import EntryPages
from orders.models import Order
from orders.queries import views

VIEW_BUTTONS = saved_views.buttons("orders_order", "orders.view_order")


@admin.register(Order)
class OrderAdmin(SavedViewsMixin, EntryPages):
    buttons = (
        *order_buttons.BUTTONS,
        *giving_buttons.BUTTONS,
        *order_notes.BUTTONS,
        *bulk.BUTTONS,
        *VIEW_BUTTONS,
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; a search that means exactly one order opens it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if first := self.first_address(request):
            return HttpResponseRedirect(first)
        wanted = order_asked.read(request.GET)
        found = order_list.hits(request, wanted)
        if found is not None and len(found) == 1:
            return HttpResponseRedirect(reverse("admin:orders_order_change", args=found))
        shown = order_list.context(request, wanted, found)
        return self.show(
            request,
            "orders/list.html",
            _("Orders"),
            may_enter=entry.may_enter(request),
            **shown,
            **self.views_context(request, "" if wanted.term else wanted.view),
            bulk=self._bulk_buttons(request),
            **(extra_context or {}),
        )

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
        return self.show(
            request,
            "orders/page.html",
            order.number,
            opts=self.opts,
            original=order,
            **order_page.context(order),
            **order_notes.facts(request, order),
            may_release=request.user.has_perm("orders.release_hold"),
            may_enter=entry.may_enter(request),
            may_give=request.user.has_perm(giving_buttons.MAY_GIVE),
            may_hold=request.user.has_perm("orders.hold_order"),
            page_buttons=self.buttons_for(request, order),
            **(extra_context or {}),
        )

    def after_press(self, request: HttpRequest, record: Any = None) -> str:
        """Lead back to the order, or to the list as it was."""
        back = super().after_press(request, record)
        return back if record is not None else back + order_asked.read(request.GET).address()

    def fixed_views(self) -> list[Fixed]:
        """Return the views by urgency and state."""
        return [Fixed(name, view.label, {"view": name}) for name, view in views.VIEWS.items()]

    def rows_of_view(self, request: HttpRequest, query: Query) -> QuerySet[Order]:
        """Return the orders of a view, whatever page they are on."""
        return order_list.matching(request, order_asked.remembered(query))

    def _bulk_buttons(self, request: HttpRequest) -> list[Shown]:
        shown = self.buttons_for(request)
        return [button for button in shown if button.name.startswith(bulk.PREFIX)]

    def _order(self, request: HttpRequest, object_id: str) -> Order:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("channel", "customer")
        with suppress(ValidationError):
            order = rows.filter(pk=object_id).first()
            if order is not None:
                return order
        raise Http404
