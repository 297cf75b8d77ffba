"""Gives a list its views: tabs with counts, saving what it is narrowed down to, a first view."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet, PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from config.kernel import saved_views, words
from config.kernel.admin.buttons import Button, ButtonForm, Press
from config.kernel.models import SavedView
from config.kernel.saved_views import View, Views

MOST_COUNTED = 1000
REMEMBERED = 15  # seconds
_KEPT = "_kapell_views"
ASIDE = frozenset({"p", "saved", "e", "all", "ids", "_popup", "_to_field"})

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A view that the product comes with."""

    name: str
    label: Any
    query: Query


class ViewForm(ButtonForm):
    """Asks for a view's name, and whether everybody gets it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(label=gettext_lazy("Share with everybody"), required=False)

    def arrange(self) -> None:
        """Offer sharing to those who may."""
        if not self.request.user.has_perm(saved_views.SHARE):
            del self.fields["is_shared"]


class EditViewForm(ViewForm):
    """Asks what a view is to be called from now on, or that it goes."""

    page = ""
    goes = forms.BooleanField(label=gettext_lazy("Delete this view"), required=False)

    def arrange(self) -> None:
        """Start from what the view is."""
        super().arrange()
        view = _view(self.request, self.page)
        if view is not None:
            self.initial.update(name=view.name, is_shared=view.is_shared)


def buttons(page: str, permission: str) -> tuple[Button, ...]:
    """Return the buttons of a list's views, for those who may read the list."""
    save = Button(
        name="save-view",
        label=gettext_lazy("Save view"),
        permission=permission,
        form=ViewForm,
        run=partial(_save, page),
        collection=True,
        is_inline=True,
        explain=gettext_lazy("The list with its search, filters and order gets a tab of its own."),
    )
    edit = Button(
        name="edit-view",
        label=gettext_lazy("Change view"),
        permission=permission,
        form=type("EditViewForm", (EditViewForm,), {"page": page}),
        run=partial(_edit, page),
        collection=True,
        is_inline=True,
        confirm=gettext_lazy("Save"),
    )
    return save, edit


def _save(page: str, press: Press) -> HttpResponse:
    query = narrowed(press.request)
    view = saved_views.save(
        user=press.user,
        page=page,
        name=press.answers["name"],
        query=query,
        is_shared=press.answers.get("is_shared", False),
    )
    return _to_list(page, query, view.pk)


def _edit(page: str, press: Press) -> HttpResponse:
    view = _view(press.request, page)
    if view is None:
        raise saved_views.ViewNotFound
    if press.answers["goes"]:
        saved_views.delete(user=press.user, page=page, view_id=view.pk)
        return _to_list(page, {}, None)
    saved_views.change(
        user=press.user,
        page=page,
        view_id=view.pk,
        name=press.answers["name"],
        is_shared=press.answers.get("is_shared", view.is_shared),
    )
    return _to_list(page, view.query, view.pk)


def _view(request: HttpRequest, page: str) -> SavedView | None:
    with suppress(ValueError):
        editable = saved_views.editable(user=request.user, page=page)  # type: ignore[arg-type]
        return editable.filter(pk=UUID(request.GET.get("saved", ""))).first()
    return None


def _to_list(page: str, query: Query, view_id: UUID | None) -> HttpResponse:
    return HttpResponseRedirect(
        reverse(f"admin:{page}_changelist") + address(query, str(view_id or ""))
    )


def narrowed(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a list's address that a view remembers."""
    return {name: str(text) for name, text in request.GET.items() if name not in ASIDE and text}


def address(query: Query, saved: str = "") -> str:
    """Return the address of a list with this query, opened by a saved view."""
    return "?" + urlencode({**query, **({"saved": saved} if saved else {})})


class SavedViewsMixin:
    """A list with views; its buttons must include those of its views."""

    def fixed_views(self) -> Sequence[Fixed]:
        """Return the views the product comes with; for subclasses."""
        return [Fixed("all", _("All"), {})]

    def rows_of_view(self, request: HttpRequest, query: Query) -> QuerySet[Any]:
        """Return what a view holds for this reader; for subclasses."""
        raise LookupError(request.path, query)

    @property
    def views_page(self) -> str:
        """The list's name among saved views."""
        opts = self.opts  # type: ignore[attr-defined]
        return f"{opts.app_label}_{opts.model_name}"

    def get_urls(self) -> list[URLPattern]:
        """Add what tabs ask for and what is pressed on them."""
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        views = [
            ("view-counts/", "view_counts", require_safe(self.counts_view)),
            ("open-with/", "open_with", require_POST(self.open_with_view)),
            ("replace-view/", "replace_view", require_POST(self.replace_view)),
        ]
        return [
            path(route, wrap(view), name=f"{self.views_page}_{name}") for route, name, view in views
        ] + super().get_urls()  # type: ignore[misc]

    def first_address(self, request: HttpRequest) -> str:
        """Return where a bare list leads: the reader's first view, if one was chosen."""
        if request.GET:
            return ""
        chosen = self._views(request).first
        return self._addresses(request).get(chosen, "") if chosen else ""

    def views_context(self, request: HttpRequest, current: str) -> dict[str, Any]:
        """Return what the tabs show; `current` names the fixed view that is shown, if it is one."""
        views, shown, page = self._views(request), narrowed(request), self.views_page
        opened = _opened(views.saved, request.GET.get("saved", ""), shown)
        key = str(opened.id) if opened else current
        may_change = opened is not None and self._may_change(request, opened)
        link = partial(_link, page, shown, opened)
        return {
            "view_tabs": self._tabs(views.saved, key),
            "view_key": key,
            "view_is_first": key == views.first,
            "view_is_changed": opened is not None and opened.query != shown,
            "view_counts_url": reverse(f"admin:{page}_view_counts"),
            "view_first_url": reverse(f"admin:{page}_open_with"),
            "view_save_url": link("save_view") if shown and not opened else "",
            "view_edit_url": link("edit_view") if may_change else "",
            "view_replace_url": link("replace_view") if may_change else "",
        }

    def counts_view(self, request: HttpRequest) -> HttpResponse:
        """Answer how many each view holds, up to a thousand, in one statement."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        key = f"view-counts:{self.views_page}:{request.user.pk}:{request.LANGUAGE_CODE}"
        counts = cache.get(key)
        if counts is None:
            queries = {fixed.name: fixed.query for fixed in self.fixed_views()}
            queries |= {str(view.id): view.query for view in self._views(request).saved}
            counts = self._counts(request, queries)
            cache.set(key, counts, REMEMBERED)
        return JsonResponse(counts)

    def open_with_view(self, request: HttpRequest) -> HttpResponse:
        """Let the reader's list open with a view, or with its own again."""
        wanted = request.POST.get("view", "")
        known = self._addresses(request)
        chosen = wanted if wanted in known else ""
        saved_views.open_with(user=request.user, page=self.views_page, view=chosen)  # type: ignore[arg-type]
        back = known.get(request.POST.get("back", ""), "")
        return HttpResponseRedirect(reverse(f"admin:{self.views_page}_changelist") + back)

    def replace_view(self, request: HttpRequest) -> HttpResponse:
        """Let a saved view stand for what the list is now."""
        view, query = _view(request, self.views_page), narrowed(request)
        if view is None:
            raise Http404
        saved_views.replace(
            user=request.user,  # type: ignore[arg-type]
            page=self.views_page,
            view_id=view.pk,
            query=query,
        )
        return _to_list(self.views_page, query, view.pk)

    def _views(self, request: HttpRequest) -> Views:
        """Asked once per request."""
        kept: Views | None = getattr(request, _KEPT, None)
        if kept is None:
            kept = saved_views.of(user=request.user, page=self.views_page)  # type: ignore[arg-type]
            setattr(request, _KEPT, kept)
        return kept

    def _may_change(self, request: HttpRequest, view: View) -> bool:
        is_own = view.owner_id == request.user.pk and not view.is_shared
        return is_own or request.user.has_perm(saved_views.SHARE)

    def _addresses(self, request: HttpRequest) -> dict[str, str]:
        found = {fixed.name: address(fixed.query) for fixed in self.fixed_views()}
        return found | {
            str(one.id): address(one.query, str(one.id)) for one in self._views(request).saved
        }

    def _tabs(self, saved: Sequence[View], key: str) -> list[dict[str, Any]]:
        fixed = [
            {"name": one.name, "label": one.label, "address": address(one.query)}
            for one in self.fixed_views()
        ]
        own = [
            {
                "name": str(one.id),
                "label": one.name,
                "address": address(one.query, str(one.id)),
                "is_shared": one.is_shared,
                "is_saved": True,
            }
            for one in saved
        ]
        return [{**tab, "is_current": tab["name"] == key} for tab in [*fixed, *own]]

    def _counts(self, request: HttpRequest, queries: Mapping[str, Query]) -> dict[str, str]:
        parts: dict[str, tuple[str, Sequence[Any]]] = {}
        for name, query in queries.items():
            rows = self.rows_of_view(request, query).order_by().values("pk")[:MOST_COUNTED]
            with suppress(EmptyResultSet):
                parts[name] = rows.query.sql_with_params()
        counted = dict(zip(parts, _count(list(parts.values())), strict=True))
        return {name: _shown(counted.get(name, 0)) for name in queries}


def _opened(saved: Sequence[View], wanted: str, shown: Query) -> View | None:
    """Return the view a list was opened by, or the one that is the same."""
    by_id = (one for one in saved if str(one.id) == wanted)
    return next(by_id, None) or next((one for one in saved if one.query == shown), None)


def _count(parts: Sequence[tuple[str, Sequence[Any]]]) -> Sequence[int]:
    if not parts:
        return []
    columns = ", ".join(f"(SELECT count(*) FROM ({text}) rows)" for text, _params in parts)  # noqa: S608 - Django wrote it
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [one for _text, params in parts for one in params])
        row: Sequence[int] = cursor.fetchone()
    return row


def _shown(number: int) -> str:
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else words.count(number)


def _link(page: str, shown: Query, opened: View | None, name: str) -> str:
    return reverse(f"admin:{page}_{name}") + address(shown, str(opened.id) if opened else "")
