"""Addresses of the API of customers, below `/api/v1/`."""

from django.urls import path

from customers.api import views

urlpatterns = [path("customers/", views.Customers.as_view(), name="api-customers")]
