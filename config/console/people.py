"""Users: their roles, and the sales channels and warehouses they are limited to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold import forms as unfold_forms
from unfold import widgets
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.kernel.admin import fields
from config.kernel.models import Channel, User
from inventory.models import Warehouse
from inventory.services import warehouses


class UserForm(unfold_forms.UserChangeForm):
    """A user with roles, channels and warehouses to tick."""

    groups = forms.ModelMultipleChoiceField(
        label=_("Roles"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )
    channels = forms.ModelMultipleChoiceField(
        label=_("Limited to sales channels"),
        queryset=Channel.objects.order_by("name"),
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Nothing ticked: all sales channels."),
    )
    warehouses = forms.ModelMultipleChoiceField(
        label=_("Limited to warehouses"),
        queryset=Warehouse.objects.order_by("priority", "name"),
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Nothing ticked: all warehouses."),
    )
    time_zone = fields.time_zone(_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["warehouses"] = Warehouse.objects.filter(staff=self.instance)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserForm
    add_form = unfold_forms.UserCreationForm
    change_password_form = unfold_forms.AdminPasswordChangeForm
    list_display = ("username", "shown_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Sees"), {"fields": ("channels", "warehouses")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the roles with the list."""
        return super().get_queryset(request).prefetch_related("groups")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Let a new user in; Django's default is a user who may not even sign in here."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Keep the warehouses, which the warehouse's side holds."""
        super().save_related(request, form, formsets, change)
        chosen = form.cleaned_data.get("warehouses")
        if chosen is not None:
            warehouses.limit_staff(user=form.instance, warehouses=chosen)

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    @display(description=_("name"))
    def shown_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"
