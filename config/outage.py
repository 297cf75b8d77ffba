"""What is answered when something breaks outside a view's own care: 503 while a server is away."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static

from config.kernel import errors
from config.kernel.api import problems

RETRY_AFTER = "5"
AWAY = (OperationalError, InterfaceError, errors.Busy)
_log = logging.getLogger(__name__)


def answer(request: HttpRequest) -> HttpResponse:
    """Return 503 with `Retry-After` while database or records are out of reach, else 500.

    Below `/api/` a problem document, elsewhere a page that needs neither database nor session.
    """
    error = sys.exc_info()[1]
    is_away = isinstance(error, AWAY)
    if is_away:
        _log.warning("out of reach: %s", error)
    if request.path_info.startswith("/api/"):
        return problems.plain(errors.Busy()) if is_away else problems.server_error(request)
    page = render_to_string("outage.html", {"is_away": is_away, "style": _style()})
    status, headers = (503, {"Retry-After": RETRY_AFTER}) if is_away else (500, {})
    return HttpResponse(page, status=status, headers=headers)


def _style() -> str:
    """The page's style; a fault of the static files must not hide what else is wrong."""
    try:
        return static("kapell/page.css")
    except ValueError:
        return ""
