"""Rules of signing in: which roles need a second factor; how long sessions last."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import roles
from config.kernel.admin import freshness
from config.people import limits
from config.people.models import RequiredRole
from config.people.pages import frame
from config.people.services import factors, guessing


class RoleChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Roles by what staff call them."""

    def label_from_instance(self, obj: Any) -> str:
        return roles.label(obj.name)


class RulesForm(forms.Form):
    """The roles that sign in with a second factor only."""

    roles = RoleChoice(
        label=gettext_lazy("Roles that sign in with a second factor only"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Who has none yet sets one up at their next sign-in. “Administrator” includes "
            "superusers."
        ),
    )


def rules(request: HttpRequest) -> HttpResponse:
    """Show and store the rules."""
    if not request.user.has_perm("kernel.change_user") or limits.is_limited(request.user):
        raise PermissionDenied
    if not freshness.is_fresh(request):
        return freshness.ask(request)
    chosen = {"roles": RequiredRole.objects.values_list("group", flat=True)}
    form = RulesForm(request.POST if request.method == "POST" else None, initial=chosen)
    if form.is_valid():
        factors.require_for(groups=list(form.cleaned_data["roles"]))
        messages.success(request, _("The rules are saved."))
        return HttpResponseRedirect(reverse("people:rules"))
    return frame.page(
        request, "people/rules.html", _("Sign-in rules"), form=form,
        idle_minutes=int(settings.SESSION_IDLE.total_seconds() // 60),
        hours=settings.SESSION_COOKIE_AGE // 3600,
        free=guessing.FREE,
    )  # fmt: skip
