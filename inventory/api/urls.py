"""Addresses of the API of inventory, below `/api/v1/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
