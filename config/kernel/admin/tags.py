"""The tags in use: their colours, and which are offered while somebody types."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import tags
from config.kernel.admin import bases
from config.kernel.models import Tag


@admin.register(Tag)
class TagAdmin(bases.MasterDataAdmin):
    list_display = ("shown_name", "colour", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("name_key",)
    ordering = ("name_key",)
    fieldsets = ((None, {"fields": ("name", ("colour", "is_offered"))}),)
    readonly_fields = ("name",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Show the new colour at once, here; other processes within half a minute."""
        super().save_model(request, obj, form, change)
        tags.forget()

    @display(description=gettext_lazy("tag"), ordering="name_key")
    def shown_name(self, tag: Tag) -> str:
        return format_html('<b class="k-tag k-tag-{}">{}</b>', tag.colour, tag.name)
