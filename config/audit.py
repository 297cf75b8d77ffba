"""Tells the audit triggers who is at the console; elsewhere commands name their actor."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware


class Middleware:
    """Annotates console requests only: the annotation costs a statement per write elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.annotated: Callable[[HttpRequest], HttpResponse] = HistoryMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/"):
            return self.annotated(request)
        return self.get_response(request)
