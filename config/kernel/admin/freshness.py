"""Sensitive acts ask for the password again, unless it was given a moment ago."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from config.kernel import clock

PROVED_AT = "proved_at"
# A page that opened in time may be sent a little later, or what was typed would be lost.
TO_OPEN, TO_SEND = 15 * 60, 30 * 60


def prove(request: HttpRequest) -> None:
    """Remember that the person at the keyboard has just proved who they are."""
    request.session[PROVED_AT] = clock.now().timestamp()


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether that was a moment ago."""
    proved_at = request.session.get(PROVED_AT)
    longest = TO_SEND if request.method == "POST" else TO_OPEN
    return proved_at is not None and clock.now().timestamp() - proved_at < longest


def ask(request: HttpRequest) -> HttpResponseRedirect:
    """Return the way to the page that asks for the password and leads back here."""
    back = request.get_full_path()
    return HttpResponseRedirect(f"{reverse(settings.CONFIRM_URL)}?{urlencode({'next': back})}")
