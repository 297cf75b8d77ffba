"""Addresses of the API of orders, below `/api/v1/`."""

from django.urls import path

from orders.api import changing, views

urlpatterns = [
    path("orders/", views.Orders.as_view(), name="api-orders"),
    path("orders/<str:number>/", views.OneOrder.as_view(), name="api-order"),
    path("orders/<str:number>/timeline/", views.Timeline.as_view(), name="api-order-timeline"),
    path("orders/<str:number>/cancel/", changing.Cancellation.as_view(), name="api-order-cancel"),
    path("orders/<str:number>/holds/", changing.Holds.as_view(), name="api-order-holds"),
    path(
        "orders/<str:number>/holds/<str:kind>/release/",
        changing.Release.as_view(),
        name="api-order-hold-release",
    ),
    path("orders/<str:number>/notes/", changing.Notes.as_view(), name="api-order-notes"),
]
