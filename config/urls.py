"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from config.kernel import health

urlpatterns = [
    path("healthz", health.live),
    path("readyz", health.ready),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
]
