"""Choosing a password: by invitation, when it was forgotten, or because one wants another."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import password_validation, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.kernel import clock
from config.kernel.models import User
from config.people import clients
from config.people.errors import LinkNotValid, LockedOut
from config.people.models import AccessLink
from config.people.pages import entering, frame
from config.people.services import accounts, guessing, links

KEPT = "people_link"


class ForgottenForm(forms.Form):
    """The address a link is mailed to."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "email"}),
    )


class ChooseForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=4096,
        help_text=gettext_lazy("At least 12 characters; several words make a good one."),
        widget=forms.PasswordInput(attrs={"autofocus": True, "autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("New password, once more"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuse what differs or is easily guessed."""
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            try:
                password_validation.validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class ChangeForm(ChooseForm):
    """A new password for somebody who knows the old one."""

    current = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autofocus": True, "autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Mail a link; the answer is the same whether anybody has the address."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        email = form.cleaned_data["email"]
        user = accounts.by_name(email)
        try:
            # Asking counts as an attempt of its own account, so nobody floods a mailbox or us.
            guessing.book(
                account=f"reset:{guessing.account_of(user, email)}"[:80],
                address=clients.address_of(request),
                at=clock.now(),
            )
        except LockedOut as locked:
            status = entering.lock_out(form, locked)
        else:
            if user is not None and user.is_active and user.email:
                links.ask_for_reset(user=user, origin=clients.origin_of(request), at=clock.now())
            return frame.page(request, "people/link_sent.html", _("Look into your mail"))
    return frame.page(
        request, "people/forgotten.html", _("Forgotten password"), status=status, form=form
    )


@never_cache
@require_http_methods(["GET"])
def welcome(request: HttpRequest, link_id: UUID, secret: str) -> HttpResponse:
    """Take the secret out of the address, so that it stays in no history and leaks to nobody."""
    try:
        link = links.check(link_id=link_id, secret=secret, at=clock.now())
    except LinkNotValid as refusal:
        return _not_valid(request, refusal)
    request.session.flush()
    request.session[KEPT] = str(link.pk)
    return HttpResponseRedirect(reverse("people:choose"))


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Let somebody with a link choose a password."""
    try:
        link = _kept_link(request)
        form = ChooseForm(request.POST if request.method == "POST" else None, user=link.user)
        if form.is_valid():
            password = form.cleaned_data["password"]
            user = accounts.choose_by_link(link=link, password=password, at=clock.now())
            del request.session[KEPT]
            return HttpResponseRedirect(entering.begin(request, user, frame.HOME))
    except LinkNotValid as refusal:
        return _not_valid(request, refusal)
    title = _("Choose a password")
    return frame.page(
        request, "people/choose.html", title, form=form, person=link.user,
        is_invited=link.purpose == AccessLink.Purpose.INVITATION,
    )  # fmt: skip


@sensitive_post_parameters()
def change(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Let somebody who is signed in choose another password; other devices are signed out."""
    del extra_context
    user: User = request.user  # type: ignore[assignment]
    form = ChangeForm(request.POST if request.method == "POST" else None, user=user)
    status = 200
    if form.is_valid():
        try:
            attempt = entering.attempt(request, user)
        except LockedOut as locked:
            status = entering.lock_out(form, locked)
        else:
            if user.check_password(form.cleaned_data["current"]):
                return _change(request, user, form.cleaned_data["password"], attempt)
            form.add_error("current", _("This is not your present password."))
            entering.failed(request, "password_change_failed", user)
    return frame.page(
        request, "people/change_password.html", _("Change password"), status=status, form=form
    )


def _change(
    request: HttpRequest, user: User, password: str, attempt: guessing.Attempt
) -> HttpResponse:
    guessing.was_right(attempt=attempt, at=clock.now())
    accounts.choose_password(
        user=user, password=password, at=clock.now(), keep_session=request.session.session_key
    )
    update_session_auth_hash(request, user)
    return HttpResponseRedirect(f"{reverse('people:profile')}?done=password")


def _kept_link(request: HttpRequest) -> AccessLink:
    kept = request.session.get(KEPT)
    if not kept:
        raise LinkNotValid
    return links.find(link_id=UUID(kept), at=clock.now())


def _not_valid(request: HttpRequest, refusal: LinkNotValid) -> HttpResponse:
    return frame.page(
        request, "people/no_link.html", refusal.told(), status=refusal.status, refusal=refusal
    )
