"""Bearer keys of sales channels: who calls."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from config.kernel import callers, clock, keys


class ChannelKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer kapell_…`; a wrong key gets 401 and no word of what is wrong."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        """Return the caller, or None when no bearer key was sent."""
        scheme, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        caller = callers.identify(key, at=clock.now()) if keys.looks_right(key) else None
        if caller is None:
            raise AuthenticationFailed
        return caller, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the framework's signature
        """Return the challenge of a 401."""
        return 'Bearer realm="kapell"'
