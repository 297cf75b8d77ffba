"""Addresses of the API of inventory, below `/api/v1/`."""

from django.urls import path

from inventory.api import products, stock

urlpatterns = [
    path("products/", products.Products.as_view(), name="api-products"),
    path("products/<path:sku>/", products.OneProduct.as_view(), name="api-product"),
    path("availability/", stock.Availability.as_view(), name="api-availability"),
    path("stock/", stock.Stock.as_view(), name="api-stock"),
    path("stock/receipts/", stock.Receipts.as_view(), name="api-stock-receipts"),
    path("stock/adjustments/", stock.Adjustments.as_view(), name="api-stock-adjustments"),
]
