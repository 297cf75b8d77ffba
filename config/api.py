"""The API of the sales channels, put together from the apps' doors, with its description."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from config.kernel.api import catalogue, problems, reference
from config.kernel.api.feed import Events

urlpatterns = [
    path("v1/", include("orders.api.urls")),
    path("v1/", include("inventory.api.urls")),
    path("v1/", include("customers.api.urls")),
    path("v1/events/", Events.as_view(), name="api-events"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", reference.page, name="api-reference"),
    path("docs/errors/", catalogue.page, name="api-errors"),
    re_path(r"", problems.not_found),
]
