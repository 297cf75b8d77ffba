"""What orders add to the pages of customers and products: who ordered what, and who waits."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from config.kernel import clock
from config.kernel.admin import panels, scope
from customers.models import Customer
from inventory.models import Product
from orders.admin import entry, order_list
from orders.queries import console, demand, views

SOLD_DAYS = 30


def _of_customer(request: HttpRequest, customer: Customer) -> dict[str, Any] | None:
    if not request.user.has_perm("orders.view_order"):
        return None
    now = clock.now()
    orders = order_list.visible(request).filter(customer=customer).order_by(*views.NEWEST_FIRST)
    page = console.page(orders=orders, number=1, now=now, today=timezone.localdate(now))
    base = reverse("admin:orders_order_changelist")
    new = f"{reverse('admin:orders_order_new')}?customer={customer.pk}"
    return {
        "rows": order_list.rows(request, page, now, base),
        "has_more": page.has_next,
        "new_url": new if entry.may_enter(request) and not customer.merged_into_id else "",
    }


def _of_product(request: HttpRequest, product: Product) -> dict[str, Any] | None:
    if not product.is_stocked or not request.user.has_perm("orders.view_order"):
        return None
    channels = scope.channels(request)
    seen = list(channels)
    since = clock.now() - timedelta(days=SOLD_DAYS)
    sold = demand.sold(product_id=product.pk, channel_ids=seen, since=since)
    return {
        "product": product,
        "allocated": demand.allocated(product_id=product.pk, channel_ids=seen),
        "waiting": demand.waiting(product_id=product.pk, channel_ids=seen),
        "sold": [(channels[pk].name, units) for pk, units in sold.items()],
        "days": SOLD_DAYS,
    }


panels.register(Customer, "orders", load=_of_customer, template="orders/customer_panel.html")
panels.register(
    Product, "orders", load=_of_product, template="orders/product_panel.html", position=20
)
