"""Roles in the console: what each may do; a company's own beside those of the house."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import display

from config.kernel import roles
from config.kernel.admin import bases
from config.people import limits

OURS = ("kernel", "customers", "inventory", "orders", "fulfillment")


class PermissionField(forms.ModelMultipleChoiceField):
    """Permissions by their names, with what they are about."""

    def label_from_instance(self, obj: Permission) -> str:
        return f"{obj.content_type.name}: {obj.name}"


class RoleForm(forms.ModelForm):
    """A role of the company's own."""

    permissions = PermissionField(
        label=gettext_lazy("May"),
        queryset=Permission.objects.none(),
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "permissions" in self.fields:
            rows = Permission.objects.filter(content_type__app_label__in=OURS)
            rows = rows.select_related("content_type").order_by("content_type__model", "codename")
            self.fields["permissions"].queryset = rows  # type: ignore[attr-defined]


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(bases.ConsoleAdmin):
    form = RoleForm
    keeps_history = True
    list_display = ("shown_name", "shown_origin", "shown_people")
    search_fields = ("name",)
    ordering = ("name",)
    fieldsets = ((None, {"fields": ("name", "permissions")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the active people of each role with the list."""
        people = Count("user", filter=Q(user__is_active=True), distinct=True)
        return super().get_queryset(request).annotate(people=people)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not limits.is_limited(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave the roles of the house as the table in code has them; each start resets them."""
        if obj is not None and obj.name in roles.ROLES:
            return False
        return super().has_change_permission(request, obj) and not limits.is_limited(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.name in roles.ROLES or obj.people:
            return False
        return super().has_delete_permission(request, obj) and not limits.is_limited(request.user)

    @display(description=gettext_lazy("role"), ordering="name")
    def shown_name(self, group: Group) -> str:
        return roles.label(group.name)

    @display(
        description=gettext_lazy("kind"),
        label={gettext_lazy("Built in"): "info", gettext_lazy("Our own"): "success"},
    )
    def shown_origin(self, group: Group) -> Any:
        if group.name in roles.ROLES:
            return gettext_lazy("Built in")
        return gettext_lazy("Our own")

    @display(description=gettext_lazy("people"))
    def shown_people(self, group: Any) -> int:
        return group.people
