"""Addresses of the API of inventory, below `/api/v1/`."""

from django.urls import path

from inventory.api import views

urlpatterns = [
    path("products/", views.Products.as_view(), name="api-products"),
    path("availability/", views.Availability.as_view(), name="api-availability"),
]
