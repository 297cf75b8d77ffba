"""Every change of master data in one list: who changed what, when; for administrators."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import audit
from config.kernel.admin import bases, telling
from config.kernel.admin.paging import HasNextPaginator
from config.kernel.admin.telling import Told
from config.kernel.models import Change, User

EACH = 50
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SearchForm(forms.Form):
    """What is looked for; everything may be left out."""

    q = forms.CharField(
        label=gettext_lazy("Record"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"placeholder": gettext_lazy("SKU, code or name"), "data-focus-key": "/"}
        ),
    )
    who = forms.ModelChoiceField(
        label=gettext_lazy("Who"),
        queryset=User.objects.order_by("username"),
        required=False,
        empty_label=gettext_lazy("Anybody"),
    )
    what = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [("", _("Anything")), *_kinds()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "k-input"

    def rows(self) -> QuerySet[Change]:
        """Return the changes that are meant, the latest first; none for what makes no sense."""
        rows = Change.objects.order_by("-id")
        if not self.is_valid():
            return rows.none()
        return rows.filter(*self._conditions())

    def _conditions(self) -> Iterator[Q]:
        asked = self.cleaned_data
        if asked["q"]:
            term = asked["q"].strip()
            yield Q(subject_id=term) if UUID_FORM.fullmatch(term) else Q(label__istartswith=term)
        if asked["who"]:
            yield Q(actor_kind="staff", actor_id=str(asked["who"].pk))
        if asked["what"]:
            yield Q(model=asked["what"])
        if asked["since"]:
            yield Q(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            yield Q(at__lt=_midnight(asked["until"] + timedelta(days=1)))


@admin.register(Change)
class ChangeAdmin(bases.FactsAdmin):
    """One list; the single change has no page, it is told there and on its record's."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        del extra_context
        form = SearchForm(request.GET)
        pages = HasNextPaginator(form.rows(), EACH)
        asked = request.GET.get("page", "1")
        number = max(1, int(asked)) if asked.isdigit() else 1
        page = pages.page(number)
        return self.show(
            request,
            "console/all_changes.html",
            _("Changes"),
            opts=self.opts,
            form=form,
            changes=[_linked(change) for change in telling.tell(page.object_list)],
            is_searching=any(request.GET.values()),
            number=number,
            has_next=pages.has_next,
        )

    def change_view(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        raise Http404


def _kinds() -> list[tuple[str, str]]:
    """Return the kinds of records under audit, by their names."""
    kinds = telling.known_kinds(audit.kept())
    return sorted(kinds, key=lambda one: one[1])


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _linked(change: Told) -> Told:
    model, key = change.subject
    try:
        url = reverse(f"admin:{model.replace('.', '_')}_change", args=[key])
    except NoReverseMatch:
        return change
    return replace(change, url=url)
