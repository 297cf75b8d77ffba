"""What people read when a page is not there, not theirs, or was open for too long."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; what a reader may not see is not there, in the same words."""
    del request, exception
    return _page(
        404,
        _("This is not here"),
        _("It does not exist, or it belongs to a sales channel or warehouse you do not see."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 to somebody whose roles do not allow it."""
    del request, exception
    return _page(
        403,
        _("Your roles do not allow this"),
        _("An administrator can give you the role for it."),
    )


def stale_form(request: HttpRequest, reason: str = "", **_more: Any) -> HttpResponse:
    """Answer a form whose cookie is gone, such as one from before signing in."""
    del request, reason
    return _page(
        403,
        _("This page was open for too long"),
        _("Nothing was saved. Go back, load the page again and send it once more."),
    )


def _page(status: int, title: str, text: str) -> HttpResponse:
    answer = HttpResponse(
        render_to_string("refusal.html", {"title": title, "text": text}), status=status
    )
    add_never_cache_headers(answer)
    return answer
