"""Signing in: name and password, then the second factor, or setting one up where it is required."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.kernel import clock
from config.people.errors import LockedOut, WrongCode
from config.people.pages import enrolling, entering, frame
from config.people.services import accounts, factors, guessing


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=gettext_lazy("E-mail address or user name"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of the app, or one of the recovery codes."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "one-time-code", "autocapitalize": "none"}
        ),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Ask for name and password."""
    del extra_context
    if request.method == "GET" and request.user.is_authenticated:
        return HttpResponseRedirect(frame.way_on(request))
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            step = _let_in(request, form)
        except LockedOut as locked:
            status = entering.lock_out(form, locked)
        else:
            if step is not None:
                return HttpResponseRedirect(step)
            form.add_error(None, _("Name and password do not match. Mind capital letters."))
    return frame.page(
        request, "people/sign_in.html", _("Sign in"), status=status, form=form,
        next=frame.way_on(request),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right."""
    who = entering.pending(request)
    if who is None:
        return _back_to_the_door()
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            attempt = entering.attempt(request, who.user)
            factors.prove(user=who.user, code=form.cleaned_data["code"], at=clock.now())
        except LockedOut as locked:
            status = entering.lock_out(form, locked)
        except WrongCode as wrong:
            form.add_error("code", wrong.told())
            entering.failed(request, "second_factor_failed", who.user)
        else:
            guessing.was_right(attempt=attempt, at=clock.now())
            return HttpResponseRedirect(entering.finish(request, who.user, who.way_on))
    return frame.page(request, "people/code.html", _("Second step"), status=status, form=form)


@never_cache
@require_http_methods(["GET", "POST"])
def first_factor(request: HttpRequest) -> HttpResponse:
    """Set up a second factor that a role requires, before letting somebody in."""
    who = entering.pending(request)
    if who is None or factors.has(who.user):
        return _back_to_the_door()
    made = enrolling.ask(request, who.user, template="people/first_factor.html")
    if isinstance(made, HttpResponse):
        return made
    way_on = entering.finish(request, who.user, who.way_on)
    return enrolling.show(request, made, way_on=way_on)


def _let_in(request: HttpRequest, form: SignInForm) -> str | None:
    """Return the next address when name and password match. Raises `LockedOut`."""
    name = form.cleaned_data["username"]
    known = accounts.by_name(name)
    attempt = entering.attempt(request, known, name)
    user = authenticate(
        request,
        username=known.get_username() if known else name,
        password=form.cleaned_data["password"],
    )
    if known is None or user is None or not known.is_staff:
        entering.failed(request, "sign_in_failed", known)
        return None
    guessing.was_right(attempt=attempt, at=clock.now())
    return entering.begin(request, known, frame.way_on(request))


def _back_to_the_door() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:login"))
