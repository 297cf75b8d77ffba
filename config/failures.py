"""Our own failures: a problem document for programs, a page for people; the log has the rest."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from config.kernel.api import problems


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 in the form the caller reads."""
    if request.path_info.startswith("/api/"):
        return problems.server_error(request)
    return defaults.server_error(request)
