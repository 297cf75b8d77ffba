"""The console's middleware, passed by requests of the API: a channel has no session or language.

Together they cost an order as much processor time as a statement does.
"""

from collections.abc import Callable

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

API = "/api/v1/"


class _BesideApi:
    """Hands requests of the API straight to what comes next."""

    get_response: Callable[[HttpRequest], HttpResponseBase]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API):
            return self.get_response(request)
        answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
        return answer


class StaticFiles(_BesideApi, WhiteNoiseMiddleware):  # type: ignore[misc]
    """Styles and scripts."""


class Sessions(_BesideApi, SessionMiddleware):  # type: ignore[misc]
    """Who clicked before."""


class Language(_BesideApi, LocaleMiddleware):  # type: ignore[misc]
    """The reader's language; for the API the system's own, whatever this thread spoke last."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        translation.deactivate()
        return super().__call__(request)


class SignIn(_BesideApi, AuthenticationMiddleware):  # type: ignore[misc]
    """Which member of staff it is."""


class Messages(_BesideApi, MessageMiddleware):  # type: ignore[misc]
    """What the last button said."""
