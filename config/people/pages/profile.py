"""One's own account: name, language, time zone, usual warehouse, second factor, sessions."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, words
from config.kernel.admin import fields, freshness
from config.kernel.models import User
from config.people import agents
from config.people.errors import FactorIsRequired
from config.people.models import SecondFactor, StaffSession
from config.people.pages import enrolling, frame
from config.people.services import accounts, factors, sessions
from inventory.models import Warehouse

DONE = {"password": gettext_lazy("The password is changed. Other devices are signed out.")}


class ProfileForm(forms.Form):
    """What people say of themselves; roles and addresses are the administrator's."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=fields.time_zones)
    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Usual warehouse"),
        queryset=Warehouse.objects.none(),
        required=False,
        empty_label=gettext_lazy("None in particular"),
        help_text=gettext_lazy("Forms that ask for a warehouse begin with it."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        known = {name: getattr(user, name) for name in PERSON}
        usual = Warehouse.objects.default_of(user)
        kwargs["initial"] = {**known, "warehouse": usual and usual.pk}
        super().__init__(*args, **kwargs)
        seen = Warehouse.objects.visible_to(user).filter(is_active=True)
        self.fields["warehouse"].queryset = seen.order_by("name")  # type: ignore[attr-defined]


PERSON = ("first_name", "last_name", "language", "time_zone")


def profile(request: HttpRequest) -> HttpResponse:
    """Show and store one's own account."""
    user: User = request.user  # type: ignore[assignment]
    form = ProfileForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        person = {name: form.cleaned_data[name] for name in PERSON}
        accounts.settle_in(user=user, person=person, warehouse=form.cleaned_data["warehouse"])
        with translation.override(user.language):
            messages.success(request, _("Your account is saved."))
        return HttpResponseRedirect(reverse("people:profile"))
    factor = SecondFactor.objects.filter(user=user).first()
    return frame.page(
        request, "people/profile.html", _("Your account"), form=form, person=user,
        roles=list(user.groups.order_by("name")),
        factor=factor,
        factor_since=words.moment(factor.added_at) if factor else "",
        factor_required=factors.is_required(user),
        codes_left=factors.codes_left(user) if factor else 0,
        sessions=[_shown(one, request) for one in sessions.of(user_id=user.pk, at=clock.now())],
        done=DONE.get(request.GET.get("done", "")),
    )  # fmt: skip


def set_up_factor(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, or another one."""
    if not freshness.is_fresh(request):
        return freshness.ask(request)
    user: User = request.user  # type: ignore[assignment]
    made = enrolling.ask(
        request, user, template="people/set_up_factor.html", is_another=factors.has(user)
    )
    if isinstance(made, HttpResponse):
        return made
    return enrolling.show(request, made, way_on=reverse("people:profile"))


def renew_codes(request: HttpRequest) -> HttpResponse:
    """Show ten fresh recovery codes; the earlier ones end."""
    if not freshness.is_fresh(request):
        return freshness.ask(request)
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST" or not factors.has(user):
        return frame.page(request, "people/renew_codes.html", _("Recovery codes"))
    codes = factors.renew_codes(user=user)
    return enrolling.show(request, codes, way_on=reverse("people:profile"))


def remove_factor(request: HttpRequest) -> HttpResponse:
    """Do without the second factor, where no role requires it."""
    if not freshness.is_fresh(request):
        return freshness.ask(request)
    user: User = request.user  # type: ignore[assignment]
    if request.method != "POST":
        title = _("Remove the second factor")
        return frame.page(
            request, "people/remove_factor.html", title, is_required=factors.is_required(user)
        )
    try:
        factors.remove(user=user, by=user, at=clock.now())
    except FactorIsRequired as refusal:
        messages.error(request, refusal.told())
    else:
        messages.success(request, _("The second factor is removed."))
    return HttpResponseRedirect(reverse("people:profile"))


def end_sessions(request: HttpRequest, number: UUID | None = None) -> HttpResponse:
    """Sign oneself out on another device, or on all others."""
    user: User = request.user  # type: ignore[assignment]
    if request.method == "POST" and number is not None:
        sessions.end(user=user, number=number)
    elif request.method == "POST":
        sessions.end_all(user=user, but=request.session.session_key)
        messages.success(request, _("You are signed out everywhere else."))
    return HttpResponseRedirect(reverse("people:profile"))


def _shown(one: StaffSession, request: HttpRequest) -> dict[str, Any]:
    return {
        "number": one.number,
        "agent": agents.told(one.agent),
        "address": one.address,
        "since": words.moment(one.started_at),
        "seen": words.age(one.seen_at, clock.now()),
        "is_this": one.session_key == request.session.session_key,
    }
