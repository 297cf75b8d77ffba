"""The doors of inventory: products, and what is available of them."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from config.kernel.api import answers, pagination, problems, schema
from config.kernel.api.doors import Door
from config.kernel.scopes import Scope
from inventory.api import schema as inventory_schema
from inventory.queries import catalogue

MOST_SKUS = 200
LONGEST = 200


class Products(Door):
    """Everything that is sold."""

    scopes: ClassVar = {"GET": Scope.PRODUCTS_READ}

    @extend_schema(
        operation_id="products_list",
        parameters=[
            OpenApiParameter("sku", str, description="One SKU, in any case."),
            OpenApiParameter("barcode", str, description="A code of a unit, an inner or a case."),
            OpenApiParameter("is_active", str, enum=["true", "false"]),
            schema.CURSOR,
            schema.LIMIT,
        ],
        responses={200: inventory_schema.ProductPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List products by SKU."""
        params = request.query_params.dict()
        pagination.only(params, frozenset({"sku", "barcode", "is_active"}))
        _check(params)
        return answers.json(catalogue.page(params))


class Availability(Door):
    """What can be sold now."""

    scopes: ClassVar = {"GET": Scope.STOCK_READ}

    @extend_schema(
        operation_id="availability_list",
        parameters=[
            OpenApiParameter(
                "sku", str, required=True, description="Up to 200 SKUs, separated by commas."
            )
        ],
        responses={200: inventory_schema.AvailabilityPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """Tell what is available per SKU, in all and per warehouse."""
        unknown = sorted(set(request.query_params) - {"sku"})
        if unknown:
            raise problems.BadRequest(f"Unknown parameter: {', '.join(unknown)[:200]}.")
        texts = ",".join(request.query_params.getlist("sku")).split(",")
        skus = [sku.strip() for sku in texts if sku.strip()]
        if not 0 < len(skus) <= MOST_SKUS or any(_is_unreadable(sku) for sku in skus):
            raise problems.BadRequest(f"Name 1 to {MOST_SKUS} SKUs in sku, separated by commas.")
        return answers.json(catalogue.availability(skus))


def _check(params: dict[str, str]) -> None:
    if params.get("is_active", "true") not in {"true", "false"}:
        raise problems.BadRequest("is_active must be true or false.")
    if any(_is_unreadable(params.get(name, "")) for name in ("sku", "barcode")):
        raise problems.BadRequest("sku and barcode are at most 200 characters of text.")
    position = pagination.position_of(params)
    if position is not None and len(position) != 1:
        raise problems.BadRequest("This cursor is not ours.")


def _is_unreadable(text: str) -> bool:
    return len(text) > LONGEST or "\x00" in text
