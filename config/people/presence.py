"""Puts off the idle end of the session of whoever clicks in the console; the log says who."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse


class Middleware:
    """Works below /admin/ only: elsewhere nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/") and request.user.is_authenticated:
            structlog.contextvars.bind_contextvars(user=str(request.user.pk))
            request.session.seen()  # type: ignore[attr-defined]
        return self.get_response(request)
