"""What lists of orders can be narrowed by."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from config.kernel.api import pagination, problems, schema
from orders import states
from orders.models import Order


class OrderFilter(django_filters.FilterSet):
    """Filters of `GET /api/v1/orders/`; moments in RFC 3339 with an offset."""

    status = django_filters.ChoiceFilter(choices=states.OrderStatus.choices)
    payment_status = django_filters.ChoiceFilter(choices=states.PaymentStatus.choices)
    fulfillment_status = django_filters.ChoiceFilter(choices=states.FulfillmentStatus.choices)
    placed_after = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = django_filters.IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    reference = django_filters.CharFilter(max_length=120)
    email = django_filters.CharFilter(max_length=254)
    sku = django_filters.CharFilter(max_length=64)
    search = django_filters.CharFilter(max_length=200)

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()


FIELDS = {name: each.field for name, each in OrderFilter.base_filters.items()}
KNOWN = frozenset(FIELDS)

PARAMETERS = [
    OpenApiParameter("status", str, enum=states.OrderStatus.values),
    OpenApiParameter("payment_status", str, enum=states.PaymentStatus.values),
    OpenApiParameter("fulfillment_status", str, enum=states.FulfillmentStatus.values),
    OpenApiParameter("placed_after", OpenApiTypes.DATETIME, description="From then on."),
    OpenApiParameter("placed_before", OpenApiTypes.DATETIME, description="Before then."),
    OpenApiParameter(
        "updated_after",
        OpenApiTypes.DATETIME,
        description="Changed from then on; lists by last change, oldest first, and has no end.",
    ),
    schema.text("reference", "The channel's own number of the order.", longest=120),
    schema.text("email", "The order's e-mail address, in any case.", longest=254),
    schema.text("sku", "Orders with a line of this SKU, in any case.", longest=64),
    schema.text(
        "search",
        "What people have in hand: a number, a reference, the customer's order number, "
        "an e-mail, a phone number, a postcode, a SKU, part of a name. The newest 200 that match.",
    ),
]

DRY_RUN = OpenApiParameter(
    "dry_run",
    str,
    enum=["true", "false"],
    description="Answer as if, write nothing: the number stays empty, no stock is allocated.",
)


def is_dry_run(params: Mapping[str, str]) -> bool:
    """Tell whether an order is only tried; a misspelt parameter must not place it."""
    pagination.only(params, frozenset({"dry_run"}), pages=False)
    value = params.get("dry_run", "false")
    if value not in {"true", "false"}:
        raise problems.BadRequest("dry_run must be true or false.")
    return value == "true"


def chosen(params: Mapping[str, str]) -> dict[str, Any]:
    """Return the filters a request asks for, with their values; raises `BadRequest` for nonsense.

    Each parameter is read by its own field: a form of all of them costs more than the whole answer.
    """
    pagination.only(params, KNOWN)
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name in FIELDS.keys() & params.keys():
        try:
            values[name] = FIELDS[name].clean(params[name])
        except ValidationError as error:
            faults.append(f"{name}: {' '.join(error.messages)}")
    if faults:
        raise problems.BadRequest(" ".join(sorted(faults)))
    return {name: value for name, value in sorted(values.items()) if value not in EMPTY_VALUES}
