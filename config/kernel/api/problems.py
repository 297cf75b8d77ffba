"""Errors as RFC 9457 problem documents: a stable code, all faults at once with their paths."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.kernel import errors, sql

CONTENT_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class BadRequest(errors.DomainError):
    """The request cannot be read: syntax, encoding, headers, parameters."""

    code, status = "malformed", 400
    title = "The request cannot be read: its syntax, encoding, headers or parameters."
    unread: bytes = b""  # the body, where that is what cannot be read


class NotAuthenticated(errors.DomainError):
    code, status = "not_authenticated", 401
    title = "An API key is required."


class InvalidKey(errors.DomainError):
    code, status = "invalid_key", 401
    title = "The API key is unknown, expired or revoked."


class NotAllowed(errors.DomainError):
    code, status = "not_allowed", 403
    title = "The API key may not do this."


class ScopeMissing(errors.DomainError):
    """The problem names the scope."""

    code, status = "scope_missing", 403
    title = "The API key lacks the scope for this."


class MethodNotAllowed(errors.DomainError):
    code, status = "method_not_allowed", 405
    title = "This address does not take this method."


class NotAcceptable(errors.DomainError):
    code, status = "not_acceptable", 406
    title = "Only application/json is answered."


class TooLarge(errors.DomainError):
    code, status = "too_large", 413
    title = "The body is too large."


class UnsupportedMediaType(errors.DomainError):
    code, status = "unsupported_media_type", 415
    title = "Send application/json in UTF-8, not compressed."


class Throttled(errors.DomainError):
    code, status = "throttled", 429
    title = "Too many requests by this key."


class ServerError(errors.DomainError):
    code, status = "server_error", 500
    title = "Something went wrong on our side; it has been logged, and nothing was stored."


_FRAMEWORK: dict[type[Exception], type[errors.DomainError]] = {
    exceptions.NotAuthenticated: NotAuthenticated,
    exceptions.AuthenticationFailed: InvalidKey,
    exceptions.PermissionDenied: NotAllowed,
    PermissionDenied: NotAllowed,
    exceptions.NotFound: errors.NotFound,
    Http404: errors.NotFound,
    exceptions.MethodNotAllowed: MethodNotAllowed,
    exceptions.NotAcceptable: NotAcceptable,
    exceptions.UnsupportedMediaType: UnsupportedMediaType,
    exceptions.ParseError: BadRequest,
    exceptions.ValidationError: BadRequest,
}


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


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer an unknown address below `/api/` with the same problem as an unknown record.

    By any method: a channel has no cookie whose absence could be told instead.
    """
    return plain(errors.NotFound())


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer our own failure below `/api/`; the details are in the log only."""
    return plain(ServerError())


def _refusal(error: Exception) -> errors.DomainError | None:
    if isinstance(error, errors.DomainError):
        return error
    if isinstance(error, (OperationalError, InterfaceError)):
        _log.warning("database: %s", error)
        return errors.Busy("The database cannot be reached; please try again.")
    if isinstance(error, exceptions.Throttled):
        return Throttled(retry_after=getattr(error, "wait", None))
    for kind, ours in _FRAMEWORK.items():
        if isinstance(error, kind):
            return ours()
    return None


def _headers(refusal: errors.DomainError, error: Exception) -> dict[str, str]:
    headers = {}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "") or 'Bearer realm="kapell"'
    if errors.again(type(refusal)) == errors.Again.LATER:
        headers["Retry-After"] = str(refusal.params.get("retry_after") or 1)
    return headers
