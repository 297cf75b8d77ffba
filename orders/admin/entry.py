"""The pages and questions of *New order*: what is looked up while typing, and placing it."""

import json
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config.kernel import clock
from config.kernel.actors import Actor
from config.kernel.admin import bases, scope
from config.kernel.api import bodies
from config.kernel.callers import ChannelFacts
from config.kernel.errors import DomainError
from config.kernel.models import Channel
from customers.models import Customer
from orders.admin import entry_choices, entry_page, entry_sheet, entry_told
from orders.models import Order
from orders.queries import entry as lookups
from orders.services import entry

MAY_ENTER = "orders.add_order"
LONGEST_TERM = 200
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another

View = Callable[[HttpRequest], HttpResponse]


class EntryPages(bases.FactsAdmin):
    """Adds *New order* to the pages of orders."""

    def get_urls(self) -> list[URLPattern]:
        """Put the addresses before Django's, which take everything."""
        views: Iterable[tuple[str, str, View]] = (
            ("new/", "new", require_GET(self.new_view)),
            ("new/customers/", "new_customers", require_GET(_customers)),
            ("new/customer/", "new_customer", require_GET(_customer)),
            ("new/products/", "new_products", require_GET(_products)),
            ("new/preview/", "new_preview", require_POST(_preview)),
            ("new/place/", "new_place", require_POST(_place)),
        )
        ours = [
            path(route, self.admin_site.admin_view(_guarded(view)), name=f"orders_order_{name}")
            for route, name, view in views
        ]
        return ours + super().get_urls()

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Show an empty form, or one filled for a customer or with an earlier order."""
        channels = staff_channels(request)
        start = entry_page.start(
            channels=channels,
            token="".join(secrets.choice(LETTERS) for _place in range(10)),
            customer=_wanted_customer(request),
            copied=_wanted_order(request),
        )
        return self.show(
            request,
            "orders/entry.html",
            _("New order"),
            channels=channels,
            start=json.dumps(start),
            **entry_page.choices(channels),
            may_set_up=request.user.has_perm("kernel.add_channel"),
        )


def may_enter(request: HttpRequest) -> bool:
    """Tell whether the reader may enter orders."""
    return bool(request.user.has_perm(MAY_ENTER))


def staff_channels(request: HttpRequest) -> list[Channel]:
    """Return the channels that the reader may enter orders in, by name."""
    seen = scope.channels(request).values()
    return [one for one in seen if one.kind == Channel.Kind.STAFF and one.is_active]


def _guarded(view: View) -> View:
    def guarded(request: HttpRequest) -> HttpResponse:
        if not may_enter(request):
            raise PermissionDenied
        return view(request)

    return guarded


def _customers(request: HttpRequest) -> HttpResponse:
    """Suggest customers for what is typed."""
    found = lookups.people(term=_term(request), seen=_seen(request), orders=_orders(request))
    return JsonResponse({"found": [entry_choices.person(one) for one in found]})


def _customer(request: HttpRequest) -> HttpResponse:
    """Tell what a chosen customer brings along."""
    customer = _wanted_customer(request)
    if customer is None:
        raise Http404
    found = lookups.card(customer=customer, orders=_orders(request))
    return JsonResponse(entry_choices.card(found))


def _products(request: HttpRequest) -> HttpResponse:
    """Suggest products for what is typed or scanned."""
    currency = request.GET.get("currency", "")[:3]
    found = lookups.offers(term=_term(request), currency=currency)
    return JsonResponse({"found": [entry_choices.offer(one, currency) for one in found]})


def _preview(request: HttpRequest) -> HttpResponse:
    """Tell what the form comes to so far."""
    try:
        sheet = bodies.read(request)
        channel = entry_sheet.channel_of(sheet, staff_channels(request))
        asked = _entry(request, sheet)
        shown = entry.preview(entry=asked, channel=ChannelFacts.of(channel), at=clock.now())
    except DomainError as error:
        return JsonResponse(entry_told.refusal(error, ()), status=error.status)
    return JsonResponse(entry_told.preview(shown, channel))


def _place(request: HttpRequest) -> HttpResponse:
    """Place the order; a refusal tells everything that is wrong, and nothing is lost."""
    lines: Any = ()
    try:
        sheet = bodies.read(request)
        channel = entry_sheet.channel_of(sheet, staff_channels(request))
        asked = _entry(request, sheet)
        lines = asked.document["lines"]
        answer = entry.place(
            entry=asked,
            channel=ChannelFacts.of(channel),
            actor=Actor.staff(request.user),
            at=clock.now(),
        )
    except DomainError as error:
        return JsonResponse(entry_told.refusal(error, lines), status=error.status)
    if answer.status >= 400:
        told = entry_told.problem(bodies.parse(answer.body.encode()), lines)
        return JsonResponse(told, status=answer.status)
    order = Order.objects.get(channel=channel, number=answer.location.rstrip("/").split("/")[-1])
    messages.success(request, _("%(order)s is placed.") % {"order": order.number})
    return JsonResponse({"url": reverse("admin:orders_order_change", args=[order.pk])})


def _entry(request: HttpRequest, sheet: dict[str, Any]) -> entry.Entry:
    """What was entered; a customer the reader may not see is nobody."""
    asked = entry_sheet.read(sheet)
    if asked.customer_id and not _seen(request).filter(pk=asked.customer_id).exists():
        raise Http404
    return asked


def _term(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_TERM]


def _seen(request: HttpRequest) -> Any:
    return Customer.objects.filter(scope.of(request).on("channel_id")).current()


def _orders(request: HttpRequest) -> Any:
    return Order.objects.filter(scope.of(request).on("channel_id"))


def _wanted_customer(request: HttpRequest) -> Customer | None:
    key = entry_page.key(request.GET.get("customer", ""))
    return _seen(request).filter(pk=key).first() if key else None


def _wanted_order(request: HttpRequest) -> Order | None:
    key = entry_page.key(request.GET.get("copy", ""))
    found = _orders(request).select_related("customer", "channel")
    return found.filter(pk=key).first() if key else None
