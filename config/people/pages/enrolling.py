"""Setting up an authenticator app: the key as a picture and as text, proved by a first code."""

from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, sealing
from config.kernel.models import User
from config.people.errors import WrongCode
from config.people.pages import frame
from config.people.services import factors

KEPT = "people_new_key"


class FirstCodeForm(forms.Form):
    """The code that the app shows."""

    code = forms.CharField(
        label=gettext_lazy("Code that the app shows"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autofocus": True, "autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


def ask(
    request: HttpRequest, user: User, *, template: str, **context: Any
) -> HttpResponse | list[str]:
    """Return the page with the key, or the recovery codes when its first code was right."""
    key = _key(request)
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = factors.add(user=user, key=key, code=form.cleaned_data["code"], at=clock.now())
        except WrongCode as wrong:
            form.add_error("code", wrong.told())
        else:
            del request.session[KEPT]
            return codes
    text = factors.as_text(key)
    return frame.page(
        request, template, _("Set up the second factor"), form=form,
        picture=_picture(factors.as_address(key, user)),
        key=" ".join(text[start : start + 4] for start in range(0, len(text), 4)),
        **context,
    )  # fmt: skip


def show(request: HttpRequest, codes: list[str], *, way_on: str) -> HttpResponse:
    """Return the page that shows recovery codes, this once."""
    return frame.page(
        request, "people/recovery_codes.html", _("Recovery codes"), codes=codes, way_on=way_on
    )


def _key(request: HttpRequest) -> bytes:
    """Return the key that is being set up, the same until it is proved."""
    kept = request.session.get(KEPT)
    if kept:
        try:
            return bytes.fromhex(sealing.unseal(kept, purpose=KEPT))
        except sealing.Unreadable:
            pass
    key = factors.new_key()
    request.session[KEPT] = sealing.seal(key.hex(), purpose=KEPT)
    return key


def _picture(address: str) -> SafeString:
    """Return a QR code as SVG: drawn by attributes only, which the content policy allows."""
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308 - made here, of black and white squares
