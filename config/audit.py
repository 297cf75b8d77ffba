"""Tells the audit triggers who is at the console; elsewhere commands name their actor."""

from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware


class Middleware(HistoryMiddleware):
    """Annotates console requests only: the annotation costs a statement per write elsewhere."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/"):
            return super().__call__(request)
        return self.get_response(request)
