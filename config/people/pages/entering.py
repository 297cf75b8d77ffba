"""A sign-in in two steps: nobody is signed in until the second factor, if any, is proved."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import clock, security
from config.kernel.admin import freshness
from config.kernel.models import User
from config.people import clients, session_store
from config.people.errors import LockedOut
from config.people.services import factors, guessing

PENDING = "people_pending"
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right, and where they want to go."""

    user: User
    way_on: str


def begin(request: HttpRequest, user: User, way_on: str) -> str:
    """Go on after a right password and return the next address: the second step, or inside."""
    if factors.has(user):
        step = "people:code"
    elif factors.is_required(user):
        step = "people:first-factor"
    else:
        return finish(request, user, way_on)
    request.session.flush()
    request.session[PENDING] = {
        "user": str(user.pk),
        "password": user.get_session_auth_hash(),
        "at": clock.now().timestamp(),
        "way_on": way_on,
    }
    return reverse(step)


def pending(request: HttpRequest) -> Pending | None:
    """Return who has given the password and not yet the second factor."""
    kept: dict[str, Any] = request.session.get(PENDING) or {}
    if clock.now().timestamp() - kept.get("at", 0) > PATIENCE.total_seconds():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["password"]):
        return None
    return Pending(user, kept["way_on"])


def finish(request: HttpRequest, user: User, way_on: str) -> str:
    """Sign somebody in and return where to go."""
    request.session.pop(PENDING, None)
    login(request, user)
    address = clients.address_of(request)
    request.session[session_store.ADDRESS] = address
    request.session[session_store.AGENT] = clients.agent_of(request)
    freshness.prove(request)
    guessing.forget(user=user, address=address)
    security.note("signed_in", user=user.pk, address=address)
    return way_on


def attempt(request: HttpRequest, user: User | None, name: str = "") -> guessing.Attempt:
    """Book an attempt to prove who somebody is. Raises `LockedOut`."""
    account = guessing.account_of(user, name)
    return guessing.book(account=account, address=clients.address_of(request), at=clock.now())


def lock_out(form: forms.Form, locked: LockedOut) -> int:
    """Tell the form how long to wait; return the status of the answer."""
    minutes = max(1, round((locked.until - clock.now()).total_seconds() / 60))
    told = ngettext(
        "Too many wrong attempts. Try again in %(count)s minute, or ask an administrator to "
        "unlock you.",
        "Too many wrong attempts. Try again in %(count)s minutes, or ask an administrator to "
        "unlock you.",
        minutes,
    )
    form.add_error(None, told % {"count": minutes})
    return locked.status


def failed(request: HttpRequest, event: str, user: User | None) -> None:
    """Log a failure by the account's key; a name nobody has may be somebody's password."""
    whom = user.pk if user else _("nobody")
    security.note(event, user=whom, address=clients.address_of(request))
