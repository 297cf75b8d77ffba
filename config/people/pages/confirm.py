"""Asks again who is at the keyboard, before keys, people and secrets are touched."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from config.kernel import clock, security
from config.kernel.admin import freshness
from config.kernel.models import User
from config.people.errors import LockedOut, WrongCode
from config.people.pages import entering, frame
from config.people.services import factors, guessing


class ConfirmForm(forms.Form):
    """The password, and a code from whoever has a second factor."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autofocus": True, "autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("From your authenticator app, or a recovery code."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


@sensitive_post_parameters()
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask, and lead back to what was to be done."""
    user: User = request.user  # type: ignore[assignment]
    data = request.POST if request.method == "POST" else None
    form = ConfirmForm(data, with_code=factors.has(user))
    status = 200
    if form.is_valid():
        try:
            if _is_right(request, user, form):
                freshness.prove(request)
                security.note("confirmed", user=user.pk)
                return HttpResponseRedirect(frame.way_on(request))
        except LockedOut as locked:
            status = entering.lock_out(form, locked)
    return frame.page(
        request, "people/confirm.html", _("Confirm that it is you"), status=status, form=form,
        next=frame.way_on(request),
    )  # fmt: skip


def _is_right(request: HttpRequest, user: User, form: ConfirmForm) -> bool:
    attempt = entering.attempt(request, user)
    if not user.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("This is not your password."))
    elif "code" in form.fields:
        try:
            factors.prove(user=user, code=form.cleaned_data["code"], at=clock.now())
        except WrongCode as wrong:
            form.add_error("code", wrong.told())
    if form.errors:
        entering.failed(request, "confirmation_failed", user)
        return False
    guessing.was_right(attempt=attempt, at=clock.now())
    return True
