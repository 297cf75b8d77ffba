"""Views that staff save of their lists: one's own, those shared with everybody, the first one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet

from config.kernel import commands, errors, sql
from config.kernel.models import DefaultView, SavedView, User

SHARE = "kernel.share_savedview"

VIEWS = """
SELECT id, name, query::text, is_shared, owner_id FROM kernel_savedview
WHERE page = %(page)s AND (owner_id = %(user)s::uuid OR is_shared)
UNION ALL
SELECT NULL, view, NULL, false, user_id FROM kernel_defaultview
WHERE page = %(page)s AND user_id = %(user)s::uuid
ORDER BY 4, 2, 1
"""


class ViewNotFound(errors.NotFound):
    code = "view_not_found"
    title = "There is no such view."


class ViewNameTaken(errors.DomainError):
    code = "view_name_taken"
    title = "You have a view of this name."


class SharingForbidden(errors.DomainError):
    code, status = "sharing_forbidden", 403
    title = "You may not share views, or change shared ones."


def seen(*, user: User, page: str) -> QuerySet[SavedView]:
    """Return the views of a list that a person may open: their own, and the shared ones."""
    return SavedView.objects.filter(Q(owner=user.pk) | Q(is_shared=True), page=page)


def editable(*, user: User, page: str) -> QuerySet[SavedView]:
    """Return the views of a list that a person may change."""
    if user.has_perm(SHARE):
        return seen(user=user, page=page)
    return SavedView.objects.filter(owner=user.pk, page=page, is_shared=False)


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as a list shows it."""

    id: UUID
    name: str
    query: Mapping[str, str]
    is_shared: bool
    owner_id: UUID


@dataclass(frozen=True, slots=True)
class Views:
    """A list's saved views for one person, and the one it opens with; empty for none."""

    saved: Sequence[View]
    first: str


def of(*, user: User, page: str) -> Views:
    """Return a person's views of a list, their own before the shared ones, in one statement."""
    rows = sql.fetch(VIEWS, {"user": user.pk, "page": page})
    saved = [
        View(pk, name, json.loads(query), is_shared, owner_id)
        for pk, name, query, is_shared, owner_id in rows
        if pk
    ]
    return Views(saved, first=next((row[1] for row in rows if not row[0]), ""))


@commands.command
def save(
    *, user: User, page: str, name: str, query: Mapping[str, str], is_shared: bool
) -> SavedView:
    """Keep a list as it is under a name, and return the view.

    Raises `ViewNameTaken`, and `SharingForbidden` for a shared one without the right.
    """
    _check_sharing(user, is_shared=is_shared)
    if SavedView.objects.filter(owner=user.pk, page=page, name=name).exists():
        raise ViewNameTaken
    return SavedView.objects.create(
        page=page, owner=user, name=name, query=dict(query), is_shared=is_shared
    )


@commands.command
def change(*, user: User, page: str, view_id: UUID, name: str, is_shared: bool) -> None:
    """Rename a view, share it or stop sharing it.

    Raises `ViewNotFound`, `ViewNameTaken` and `SharingForbidden`.
    """
    view = _locked(user, page, view_id)
    _check_sharing(user, is_shared=is_shared)
    taken = SavedView.objects.filter(owner=view.owner_id, page=page, name=name)
    if taken.exclude(pk=view.pk).exists():
        raise ViewNameTaken
    SavedView.objects.filter(pk=view.pk).update(
        name=name, is_shared=is_shared, version=F("version") + 1
    )


@commands.command
def replace(*, user: User, page: str, view_id: UUID, query: Mapping[str, str]) -> None:
    """Let a view stand for what the list is now. Raises `ViewNotFound`."""
    view = _locked(user, page, view_id)
    SavedView.objects.filter(pk=view.pk).update(query=dict(query), version=F("version") + 1)


@commands.command
def delete(*, user: User, page: str, view_id: UUID) -> None:
    """Delete a view; whoever's list opened with it gets the list's own. Raises `ViewNotFound`."""
    view = _locked(user, page, view_id)
    DefaultView.objects.filter(page=page, view=str(view.pk)).delete()
    view.delete()


@commands.command
def open_with(*, user: User, page: str, view: str) -> None:
    """Choose the view a person's list opens with; an empty one is the list's own."""
    if not view:
        DefaultView.objects.filter(user=user.pk, page=page).delete()
        return
    DefaultView.objects.update_or_create(user_id=user.pk, page=page, defaults={"view": view})


def _locked(user: User, page: str, view_id: UUID) -> SavedView:
    found = editable(user=user, page=page).filter(pk=view_id)
    view = found.select_for_update(no_key=True).first()
    if view is None:
        raise ViewNotFound
    return view


def _check_sharing(user: User, *, is_shared: bool) -> None:
    if is_shared and not user.has_perm(SHARE):
        raise SharingForbidden
