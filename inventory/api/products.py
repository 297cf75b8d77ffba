"""The doors of products: list, look at, make or change."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from config.kernel import clock, contracts, errors
from config.kernel.api import answers, bodies, pagination, preconditions, problems, schema
from config.kernel.api.doors import Door, caller_of
from config.kernel.scopes import Scope
from inventory.api import params
from inventory.api import schema as shapes
from inventory.contract import ProductIn
from inventory.errors import StillStocked
from inventory.queries import catalogue
from inventory.services import editing
from inventory.services.products import Code, ListPrice

PRODUCT = schema.request(
    "A mug, and a case of twelve",
    {
        "name": "Mug",
        "weight_grams": 310,
        "barcodes": [
            {"code": "4006381333931"},
            {"code": "14006381333938", "unit_quantity": 12},
        ],
        "prices": [{"currency": "GBP", "list_price": "9.95"}],
    },
)
SKU = OpenApiParameter("sku", str, OpenApiParameter.PATH, description="In any case.")


class Products(Door):
    """Everything that is sold."""

    scopes: ClassVar = {"GET": Scope.PRODUCTS_READ}

    @extend_schema(
        operation_id="products_list",
        parameters=[
            schema.text("sku", "One SKU, in any case."),
            schema.text("barcode", "A code of a unit, an inner or a case."),
            OpenApiParameter("is_active", str, enum=["true", "false"]),
            schema.CURSOR,
            schema.LIMIT,
        ],
        responses={200: shapes.ProductPageOut, **schema.refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        """List products by SKU."""
        asked = request.query_params.dict()
        pagination.only(asked, frozenset({"sku", "barcode", "is_active"}))
        if asked.get("is_active", "true") not in {"true", "false"}:
            raise problems.BadRequest("is_active must be true or false.")
        params.check_texts(asked, "sku", "barcode")
        return answers.json(catalogue.page(asked, caller_of(request).warehouses))


class OneProduct(Door):
    """One product by its SKU."""

    scopes: ClassVar = {"GET": Scope.PRODUCTS_READ, "PUT": Scope.PRODUCTS_WRITE}

    @extend_schema(
        operation_id="products_get",
        parameters=[SKU],
        responses={200: shapes.ProductOut, **schema.refusals(errors.NotFound)},
    )
    def get(self, request: Request, sku: str) -> HttpResponse:
        """Show a product; its ETag is its version."""
        return _shown(request, sku)

    @extend_schema(
        operation_id="products_put",
        parameters=[SKU, schema.IF_MATCH, schema.IF_NONE_MATCH],
        request=ProductIn,
        examples=[PRODUCT],
        responses={
            200: shapes.ProductOut,
            201: OpenApiResponse(shapes.ProductOut, "Made: there was none of this SKU."),
            **schema.refusals(*schema.WITH_BODY, errors.VersionChanged, StillStocked),
        },
    )
    def put(self, request: Request, sku: str) -> HttpResponse:
        """Make a product, or change what is sent of it; what is left out stays as it is."""
        seen = preconditions.of(request)
        asked = contracts.check(ProductIn, bodies.read(request))
        saved = editing.put(
            sku=sku,
            details=_details(asked),
            codes=_codes(asked),
            prices=_prices(asked),
            version=seen.version,
            must_be_new=seen.nothing,
            actor=caller_of(request).actor(),
            at=clock.now(),
        )
        return _shown(request, saved.product.sku, status=201 if saved.was_made else 200)


def _shown(request: Request, sku: str, status: int = 200) -> HttpResponse:
    product = catalogue.one(sku, caller_of(request).warehouses)
    if product is None:
        raise errors.NotFound
    headers = {"ETag": preconditions.etag(product["version"])}
    if status == 201:
        headers["Location"] = reverse("api-product", args=[product["sku"]])
    return answers.json(product, status=status, headers=headers)


def _details(asked: ProductIn) -> dict[str, Any]:
    details = asked.model_dump(include=asked.model_fields_set - {"barcodes", "prices"})
    if "origin_country" in details:
        details["origin_country"] = details["origin_country"].upper()
    return details


def _codes(asked: ProductIn) -> list[Code] | None:
    if "barcodes" not in asked.model_fields_set:
        return None
    return [Code(one.code, one.unit_quantity) for one in asked.barcodes]


def _prices(asked: ProductIn) -> list[ListPrice] | None:
    if "prices" not in asked.model_fields_set:
        return None
    return [ListPrice(one.currency, one.list_price, one.floor_price) for one in asked.prices]
