"""What the console's pages share: only what the reader may see, nothing overwritten unseen."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib.admin import ShowFacets
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from config.kernel.admin import buttons, history, panels, upload_page
from config.kernel.admin.paging import HasNextPaginator
from config.kernel.uploads import layouts

SEEN, EDIT = "seen_version", "edit"


class ConsoleAdmin(buttons.ButtonsMixin, history.HistoryMixin, ModelAdmin):
    """A page of the console: what the reader may see; no bulk actions, no counts of the table."""

    actions = None
    change_form_template = "console/change_form.html"
    compressed_fields = True
    list_filter_sheet = True
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    paginator = HasNextPaginator
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    # What of the list can be uploaded and exported; its page is linked from the list.
    layout_codes: Sequence[str] = ()
    # With an overview, a record's page shows its panels; the form is behind a button.
    has_overview = False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with links to where its records are uploaded and exported."""
        links = [upload_page.kind(one, request.user) for one in self._layouts(request)]
        context = {"file_links": links, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def _layouts(self, request: HttpRequest) -> list[layouts.Layout]:
        usable = upload_page.usable(request.user) if self.layout_codes else []
        return [one for one in usable if one.code in self.layout_codes]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the record's overview, or its form when that is asked for."""
        wants_form = request.method == "POST" or EDIT in request.GET or IS_POPUP_VAR in request.GET
        if not self.has_overview or wants_form:
            return super().change_view(request, object_id, form_url, extra_context)
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return self.show(
            request,
            "console/overview.html",
            str(obj),
            opts=self.opts,
            original=obj,
            panels=panels.of(request, obj),
            page_buttons=self.buttons_for(request, obj),
            edit_url=f"?{EDIT}=1" if self.has_change_permission(request, obj) else "",
            history_url=self.history_url(obj),
            **(extra_context or {}),
        )

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead back to the overview, where there is one."""
        if self.has_overview:
            return HttpResponseRedirect(self.after_press(request, obj))
        return super().response_post_save_change(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep what the reader may see: another channel's record is a 404 like an unknown one."""
        rows = super().get_queryset(request)
        visible_to = getattr(rows, "visible_to", None)
        return visible_to(request.user) if visible_to else rows

    def _get_obj_does_not_exist_redirect(self, *_args: Any) -> HttpResponse:
        """Answer 404 where Django leads to the first page with a message that repeats the key."""
        raise Http404

    @staticmethod
    def is_list(request: HttpRequest) -> bool:
        """Tell whether the reader looks at the list, not at one record."""
        found = request.resolver_match
        return found is not None and (found.url_name or "").endswith("_changelist")

    def show(
        self, request: HttpRequest, template: str, title: Any, **context: Any
    ) -> TemplateResponse:
        """Return a page of our own in the console's frame; the reader must be allowed to read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        frame = self.admin_site.each_context(request)
        whole = {**frame, "title": title, "is_fullwidth": "1", **context}
        return TemplateResponse(request, template, whole)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            if not self.has_overview:
                context["panels"] = panels.of(request, obj)
                context["page_buttons"] = self.buttons_for(request, obj)
                context["history_url"] = self.history_url(obj)
            context["seen_version"] = getattr(obj, "version", None)
        return super().render_change_form(request, context, *args, **kwargs)


class VersionedForm(forms.ModelForm):
    """Refuses an outdated form: tells who saved what meanwhile, and keeps what was typed."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen = self.data.get(SEEN)
        current = str(getattr(self.instance, "version", ""))
        if self.instance.pk and seen is not None and seen != current:
            raise ValidationError([_who_saved(self.instance), *self._differences(cleaned)])
        return cleaned

    def _differences(self, cleaned: dict[str, Any]) -> Iterator[str]:
        for name, field in self.fields.items():
            stored = self.initial.get(name)
            if name in cleaned and field.has_changed(stored, self._raw(name)):
                yield _("%(field)s: saved as “%(saved)s”, in your form “%(yours)s”.") % {
                    "field": field.label,
                    "saved": _shown(field, stored),
                    "yours": _shown(field, cleaned[name]),
                }

    def _raw(self, name: str) -> Any:
        return self[name].data


class MasterDataAdmin(ConsoleAdmin):
    """Master data that staff save: of two people with the same form, the second is told."""

    form = VersionedForm
    keeps_history = True

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Return the record; a form being saved locks it, so that two saves cannot pass by."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST":
            return obj
        return self.model.objects.select_for_update(no_key=True).get(pk=obj.pk)

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: Any
    ) -> None:
        if change:
            obj.version += 1
        super().save_model(request, obj, form, change)


class FactsAdmin(ConsoleAdmin):
    """Facts: read, never edited here; what may be done to them are buttons."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


def _who_saved(obj: Model) -> str:
    entry = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(obj), object_id=str(obj.pk)
        )
        .select_related("user")
        .order_by("-action_time")
        .first()
    )
    rest = _("Nothing was overwritten, and what you typed is still here. Save again to keep yours.")
    if entry is None:
        return format_html("{} {}", _("Somebody else saved this while you had it open."), rest)
    told = _("%(who)s saved this at %(when)s while you had it open.") % {
        "who": entry.user,
        "when": formats.time_format(timezone.localtime(entry.action_time), "H:i"),
    }
    return f"{told} {rest}"


def _shown(field: forms.Field, value: Any) -> str:
    choices: Any = getattr(field, "choices", ())
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model | Sequence):
        return next((str(text) for key, text in choices if str(key) == str(value)), "—")
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(choices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "—" if value in (None, "") else str(value)
