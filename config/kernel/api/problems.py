"""Errors as RFC 9457 problem documents: a stable code, all faults at once with their paths."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.kernel import errors, sql

CONTENT_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

_FRAMEWORK: dict[type[Exception], tuple[int, str, str]] = {
    exceptions.NotAuthenticated: (401, "not_authenticated", "An API key is required."),
    exceptions.AuthenticationFailed: (401, "invalid_key", "The API key is not valid."),
    exceptions.PermissionDenied: (403, "not_allowed", "The API key may not do this."),
    PermissionDenied: (403, "not_allowed", "The API key may not do this."),
    exceptions.NotFound: (404, "not_found", "Not found."),
    Http404: (404, "not_found", "Not found."),
    exceptions.MethodNotAllowed: (405, "method_not_allowed", "This method is not allowed here."),
    exceptions.NotAcceptable: (406, "not_acceptable", "Only application/json is answered."),
    exceptions.UnsupportedMediaType: (415, "unsupported_media_type", "Send application/json."),
    exceptions.ParseError: (400, "malformed", "The request cannot be read."),
    exceptions.ValidationError: (400, "malformed", "The request cannot be read."),
}


class BadRequest(errors.DomainError):
    """The request cannot be read: syntax, encoding, headers, parameters."""

    code = "malformed"
    status = 400
    title = "The request cannot be read."


class TooLarge(errors.DomainError):
    """The body is larger than is read."""

    code = "too_large"
    status = 413
    title = "The body is too large."


class UnsupportedMediaType(errors.DomainError):
    """The body is not JSON in UTF-8."""

    code = "unsupported_media_type"
    status = 415
    title = "Send application/json in UTF-8, not compressed."


def handler(error: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001
    """Turn what a view raised into a problem; called by Django REST framework."""
    refusal = _refusal(error)
    if refusal is None:
        return None
    set_rollback()
    return Response(
        errors.document(refusal), status=refusal.status, headers=_headers(refusal, error),
        content_type=CONTENT_TYPE,
    )  # fmt: skip


def plain(error: errors.DomainError) -> HttpResponse:
    """Return a problem outside Django REST framework."""
    return HttpResponse(
        sql.to_json(errors.document(error)),
        status=error.status,
        content_type=CONTENT_TYPE,
        headers=_headers(error, error),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer an unknown address below `/api/` with the same problem as an unknown record."""
    return plain(errors.NotFound())


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer our own failure below `/api/`; the details are in the log only."""
    failure = errors.DomainError("Something went wrong on our side; it has been logged.")
    failure.code, failure.status, failure.title = "server_error", 500, "Server error."
    return plain(failure)


def _refusal(error: Exception) -> errors.DomainError | None:
    if isinstance(error, errors.DomainError):
        return error
    if isinstance(error, (OperationalError, InterfaceError)):
        _log.warning("database: %s", error)
        return errors.Busy("The database cannot be reached; please try again.")
    for kind, (status, code, title) in _FRAMEWORK.items():
        if isinstance(error, kind):
            refusal = errors.DomainError(title)
            refusal.status, refusal.code, refusal.title = status, code, title
            return refusal
    if isinstance(error, exceptions.Throttled):
        refusal = errors.DomainError("Too many requests.", retry_after=getattr(error, "wait", None))
        refusal.status, refusal.code, refusal.title = 429, "throttled", "Too many requests."
        return refusal
    return None


def _headers(refusal: errors.DomainError, error: Exception) -> dict[str, str]:
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "") or 'Bearer realm="kapell"'
    if refusal.status in {429, 503} or refusal.code == "idempotency_key_in_use":
        headers["Retry-After"] = str(refusal.params.get("retry_after") or 1)
    return headers
