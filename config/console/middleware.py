"""Shows the console in each member of staff's own time zone and language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.kernel import readers


class Middleware:
    """Works below /admin/ only, so that the API never asks who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        with readers.reading(request.user):
            return self.get_response(request)
