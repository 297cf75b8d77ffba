"""Addresses of the API of inventory, below `/api/v1/`."""

from django.urls import path, register_converter
from django.urls.converters import PathConverter

from inventory.api import products, stock


class SkuConverter(PathConverter):
    """Any text, slashes and line breaks too: what cannot be a SKU is for the door to refuse."""

    regex = "(?s:.+)"


register_converter(SkuConverter, "sku")

urlpatterns = [
    path("products/", products.Products.as_view(), name="api-products"),
    path("products/<sku:sku>/", products.OneProduct.as_view(), name="api-product"),
    path("availability/", stock.Availability.as_view(), name="api-availability"),
    path("stock/", stock.Stock.as_view(), name="api-stock"),
    path("stock/receipts/", stock.Receipts.as_view(), name="api-stock-receipts"),
    path("stock/adjustments/", stock.Adjustments.as_view(), name="api-stock-adjustments"),
]
