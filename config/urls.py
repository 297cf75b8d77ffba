"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from config import media
from config.operations import health

urlpatterns = [
    path("api/", include("config.api")),  # asked most often
    path("healthz", health.live),
    path("readyz", health.ready),
    path("admin/", include("config.people.urls")),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media.picture),
]
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.outage.answer"
