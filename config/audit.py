"""Tells the history of master data who is at the console."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.kernel import audit
from config.kernel.actors import Actor

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Middleware:
    """Speaks up for requests of the console that may change something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        with audit.acting(Actor.staff(request.user)):
            return self.get_response(request)
