"""Content-Security-Policy: what the console's theme needs under /admin/, strict everywhere else."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FOR_DATA = "default-src 'none'; frame-ancestors 'none'"


class Middleware(CSPMiddleware):
    """Chooses the policy by the address."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith("/api/v1/"):
            response.headers.setdefault(HEADER, FOR_DATA)
            return response
        return super().process_response(request, response)

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002  (the base class calls it so)
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/") and not report_only:
            parts.config = settings.CONTENT_SECURITY_POLICY_CONSOLE
        return parts
