"""What Ctrl-K finds: orders, products and customers by whatever people have in hand."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from config.kernel import words
from config.kernel.admin import scope
from customers.models import Customer
from customers.queries import search as customers
from inventory.queries import console as stock
from orders.models import Order
from orders.queries import search as orders

EACH = 6


def search(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the first few records a term means, of each kind the reader may see."""
    # The theme folds the term; references are looked up as they are written.
    term = request.GET.get("s", term).replace("\0", "").strip()
    if len(term) < 2:
        return []
    return [*_orders(request, term), *_products(request, term), *_customers(request, term)]


def _orders(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    if not request.user.has_perm("orders.view_order"):
        return
    seen = Order.objects.filter(scope.of(request).on("channel_id"))
    ids = orders.find(term=term, orders=seen)[:EACH]
    for order in Order.objects.filter(pk__in=ids).order_by("-placed_at"):
        told = f"{order.ship_name or _('Guest')} · {words.moment(order.placed_at)}"
        url = reverse("admin:orders_order_change", args=[order.pk])
        yield SearchResult(order.number, told, url, "receipt_long")


def _products(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    if not request.user.has_perm("inventory.view_product"):
        return
    for product in stock.find_products(term, EACH):
        url = reverse("admin:inventory_product_change", args=[product.pk])
        yield SearchResult(product.sku, product.name, url, "inventory_2")


def _customers(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    if not request.user.has_perm("customers.view_customer"):
        return
    seen = Customer.objects.filter(scope.of(request).on("channel_id")).current()
    for customer in customers.find(term=term, customers=seen, most=EACH):
        url = reverse("admin:customers_customer_change", args=[customer.pk])
        yield SearchResult(str(customer), customer.email or _("Customer"), url, "person")
