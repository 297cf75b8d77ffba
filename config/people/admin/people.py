"""People in the console: invited, given rights, deactivated, helped when they are locked out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import display

from config.kernel import clock, roles
from config.kernel.admin import bases, fields, freshness
from config.kernel.errors import DomainError
from config.kernel.models import Channel, User
from config.people import clients, limits
from config.people.admin import user_buttons
from config.people.errors import AddressTaken
from config.people.services import accounts
from config.people.services.accounts import Rights
from inventory.models import Warehouse

PERSON = ("first_name", "last_name", "email", "language", "time_zone")
RIGHTS = ("groups", "channels", "warehouses")


class RoleField(forms.ModelMultipleChoiceField):
    """Roles by what staff call them."""

    def label_from_instance(self, obj: Group) -> str:
        return roles.label(obj.name)


def _ticks(label: Any, help_text: Any = "", kind: Any = forms.ModelMultipleChoiceField) -> Any:
    return kind(
        label=label,
        queryset=Group.objects.none(),
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=help_text,
    )


class PersonForm(forms.ModelForm):
    """A person with roles, channels and warehouses to tick; used to invite and to change."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), widget=widgets.UnfoldAdminEmailInputWidget
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        widget=widgets.UnfoldAdminSelectWidget,
    )
    time_zone = fields.time_zone(gettext_lazy("Time zone"))
    groups = _ticks(gettext_lazy("Roles"), kind=RoleField)
    channels = _ticks(
        gettext_lazy("Limited to sales channels"),
        gettext_lazy("Nothing ticked: all sales channels."),
    )
    warehouses = _ticks(
        gettext_lazy("Limited to warehouses"), gettext_lazy("Nothing ticked: all warehouses.")
    )

    class Meta:
        model = User
        fields = ("username", *PERSON, "is_superuser", "groups", "channels")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("groups", Group.objects.order_by("name")),
            ("channels", Channel.objects.order_by("name")),
            ("warehouses", Warehouse.objects.order_by("priority", "name")),
        ):
            if name in self.fields:
                self.fields[name].queryset = rows  # type: ignore[attr-defined]
        is_new = self.instance._state.adding  # noqa: SLF001
        if not is_new and "warehouses" in self.fields:
            self.initial["warehouses"] = Warehouse.objects.filter(staff=self.instance)
        if not is_new and not self.instance.email:
            self.fields["email"].required = False
        if "is_superuser" in self.fields:
            self.fields["is_superuser"].label = _("Superuser")
            self.fields["is_superuser"].help_text = _("May do everything, whatever the roles say.")

    def clean_email(self) -> str:
        """Refuse an address that somebody else has, in any spelling."""
        email: str = self.cleaned_data["email"]
        if email and accounts.has_address(email, but=self.instance):
            raise forms.ValidationError(str(AddressTaken().told()))
        return email

    def rights(self) -> Rights:
        """Return the rights that are ticked."""
        return Rights(
            roles=list(self.cleaned_data["groups"]),
            channels=list(self.cleaned_data["channels"]),
            warehouses=list(self.cleaned_data["warehouses"]),
            is_superuser=self.cleaned_data.get("is_superuser", self.instance.is_superuser),
        )


@admin.register(User)
class UserAdmin(bases.ConsoleAdmin):
    form = PersonForm
    has_overview = True
    keeps_history = True
    list_display = ("shown_name", "email", "shown_roles", "shown_state", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = gettext_lazy("Name or e-mail address")
    ordering = ("username",)
    buttons = user_buttons.BUTTONS

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the roles with the list."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what this reader may not change: one's own rights, superusers to others."""
        name = ("email",) if obj is None else ("username", "email")
        person = (("first_name", "last_name"), name, ("language", "time_zone"))
        shown: list[Any] = [(None, {"fields": person})]
        if obj is None or obj.pk != request.user.pk:
            first = ("groups", "is_superuser") if request.user.is_superuser else ("groups",)
            shown.append((gettext_lazy("Rights"), {"fields": first}))
            shown.append((gettext_lazy("Sees"), {"fields": ("channels", "warehouses")}))
        return shown

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suppose that colleagues speak the inviter's language and live by the same clock."""
        by: Any = request.user
        return {"language": by.language, "time_zone": by.time_zone}

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Leave fields that are not shown out of the form, or they would be taken for empty."""
        form = super().get_form(request, obj, **kwargs)
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        for name in [*PERSON, *RIGHTS]:
            if name not in shown:
                form.base_fields.pop(name, None)
        return form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the password again before somebody new is let in."""
        if self.has_add_permission(request) and not freshness.is_fresh(request):
            return freshness.ask(request)
        context = {
            "title": _("Invite somebody"), "subtitle": "", "show_save_and_continue": False,
            "show_save_and_add_another": False, **(extra_context or {}),
        }  # fmt: skip
        return super().add_view(request, form_url, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the password again before rights are changed; looking needs none."""
        changes = request.method == "POST" or bases.EDIT in request.GET
        if changes and self.has_change_permission(request) and not freshness.is_fresh(request):
            return freshness.ask(request)
        return super().change_view(request, object_id, form_url, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell a refusal that only the services can know, such as the last administrator's."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            messages.error(request, refusal.told())
            return HttpResponseRedirect(request.get_full_path())

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Store through the services, which know what else follows."""
        by: User = request.user  # type: ignore[assignment]
        person = {name: form.cleaned_data[name] for name in PERSON}
        if not change:
            form.instance = accounts.invite(
                person=person, rights=form.rights(), origin=clients.origin_of(request),
                by=by, at=clock.now(),
            )  # fmt: skip
            return form.instance
        person["username"] = form.cleaned_data["username"]
        rights = form.rights() if "groups" in form.fields else None
        accounts.change(user=form.instance, person=person, rights=rights, by=by)
        return form.instance

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing is left to store."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Nothing is left to store."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """Lead to the new person, whose page shows what became of the invitation."""
        del request, post_url_continue
        return HttpResponseRedirect(reverse("admin:kernel_user_change", args=[obj.pk]))

    def record_for(self, request: HttpRequest, object_id: str) -> Any:
        """Return whom a button is about; superusers only to superusers."""
        record = super().record_for(request, object_id)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        return record

    def buttons_for(self, request: HttpRequest, record: Any = None) -> Any:
        """Offer no button that would be refused."""
        may = self.has_change_permission(request, record)
        return super().buttons_for(request, record) if may else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not limits.is_limited(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave superusers to superusers, and everybody to those who see everything."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj) and not limits.is_limited(request.user)

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("name"), ordering="username")
    def shown_name(self, user: User) -> str:
        return user.get_full_name() or user.username

    @display(description=gettext_lazy("roles"))
    def shown_roles(self, user: User) -> str:
        names = [roles.label(group.name) for group in user.groups.all()]
        return ", ".join([_("Superuser")] * user.is_superuser + names) or "–"

    @display(
        description=gettext_lazy("state"),
        label={"active": "success", "invited": "warning", "off": "danger"},
    )
    def shown_state(self, user: User) -> tuple[str, str]:
        if not user.is_active:
            return "off", _("Deactivated")
        if not user.has_usable_password():
            return "invited", _("Invited")
        return "active", _("Active")
