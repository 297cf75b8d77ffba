"""Shows the console in each member of staff's own time zone and language."""

from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class Middleware:
    """Works below /admin/ only, so that the API never asks who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        with ExitStack() as stack:
            stack.enter_context(timezone.override(ZoneInfo(request.user.time_zone)))
            stack.enter_context(translation.override(request.user.language))
            return self.get_response(request)
