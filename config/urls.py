"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from config import media
from config.operations import health

handler500 = "config.failures.server_error"

urlpatterns = [
    path("api/", include("config.api")),  # asked most often
    path("healthz", health.live),
    path("readyz", health.ready),
    path("admin/", include("config.people.urls")),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media.picture),
]
handler500 = "config.outage.answer"
