"""What lists of orders can be narrowed by."""

from collections.abc import Mapping

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from config.kernel import folding
from config.kernel.api import pagination, problems
from orders import states
from orders.models import Order, OrderLine


class OrderFilter(django_filters.FilterSet):
    """Filters of `GET /api/v1/orders/`; moments in RFC 3339 with an offset."""

    status = django_filters.ChoiceFilter(choices=states.OrderStatus.choices)
    payment_status = django_filters.ChoiceFilter(choices=states.PaymentStatus.choices)
    fulfillment_status = django_filters.ChoiceFilter(choices=states.FulfillmentStatus.choices)
    placed_after = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    reference = django_filters.CharFilter(max_length=120)
    sku = django_filters.CharFilter(method="with_sku", max_length=64)

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def with_sku(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:  # noqa: ARG002
        """Keep orders with a line of this SKU, in any case."""
        lines = OrderLine.objects.filter(order=OuterRef("pk"), sku_key=folding.sku(value))
        return orders.filter(Exists(lines))


KNOWN = frozenset(OrderFilter.base_filters)

PARAMETERS = [
    OpenApiParameter("status", str, enum=states.OrderStatus.values),
    OpenApiParameter("payment_status", str, enum=states.PaymentStatus.values),
    OpenApiParameter("fulfillment_status", str, enum=states.FulfillmentStatus.values),
    OpenApiParameter("placed_after", OpenApiTypes.DATETIME, description="From then on."),
    OpenApiParameter("placed_before", OpenApiTypes.DATETIME, description="Before then."),
    OpenApiParameter("reference", str),
    OpenApiParameter("sku", str, description="Orders with a line of this SKU, in any case."),
]


def narrowed(orders: QuerySet[Order], params: Mapping[str, str]) -> QuerySet[Order]:
    """Return the orders that match the parameters; raises `BadRequest` for nonsense."""
    pagination.only(params, KNOWN)
    chosen = OrderFilter(params, queryset=orders)
    if not chosen.is_valid():
        details = (f"{name}: {' '.join(texts)}" for name, texts in chosen.errors.items())
        raise problems.BadRequest(" ".join(details))
    return chosen.qs
