"""Addresses of the API of orders, below `/api/v1/`."""

from django.urls import path

from orders.api import views

urlpatterns = [
    path("orders/", views.Orders.as_view(), name="api-orders"),
    path("orders/<str:number>/", views.OneOrder.as_view(), name="api-order"),
    path("orders/<str:number>/timeline/", views.Timeline.as_view(), name="api-order-timeline"),
    path("orders/<str:number>/cancel/", views.Cancellation.as_view(), name="api-order-cancel"),
]
