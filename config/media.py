"""Serves uploaded pictures to signed-in staff; uploads are never run as a page of ours."""

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
@staff_member_required
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """The file below MEDIA_ROOT, or 404."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
