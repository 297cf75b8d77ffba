"""Says changes of master data in words: who, what, before → after, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import roles, words
from config.kernel.actors import ActorKind
from config.kernel.models import ApiKey, Change

Models = Mapping[str, type[models.Model]]
Names = dict[tuple[Any, str], str]

LONGEST = 200
# Rights are rows of their own, told as if they were fields of the person.
MEMBERS = {
    "groups": gettext_lazy("Roles"),
    "permissions": gettext_lazy("May"),
    "channels": gettext_lazy("Limited to sales channels"),
    "warehouses": gettext_lazy("Limited to warehouses"),
}
PROGRAMS = {
    "kapell-web": gettext_lazy("System"),
    "kapell-worker": gettext_lazy("System"),
    "kapell-command": gettext_lazy("System, by a command"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name, before and after; `is_hidden` tells only that it changed."""

    field: str
    before: str
    after: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One change, ready to be shown. `kind` and `label` name the record it happened to.

    `subject` is the model and the key of the record on whose page it is told, `of` what that is
    called if it is another one.
    """

    at: datetime
    who: str
    action: str
    is_deletion: bool
    kind: str
    label: str
    of: str
    model: str
    subject: tuple[str, str]
    lines: Sequence[Line]
    url: str = ""


def known_kinds(models_: Iterable[str]) -> list[tuple[str, str]]:
    """Return models with what they are called; those that are gone are left out."""
    known = _known()
    return [
        (one, capfirst(str(known[one]._meta.verbose_name)))  # noqa: SLF001
        for one in models_
        if one in known
    ]


def tell(changes: Iterable[Change]) -> list[Told]:
    """Return changes in words; what they point to is looked up with one query a kind."""
    rows = list(changes)
    known = _known()
    names = _names(rows, known)
    keys = _key_names(rows)
    return [_told(row, known, names, keys) for row in rows]


def _known() -> Models:
    return {model._meta.label_lower: model for model in apps.get_models()}  # noqa: SLF001


def _told(row: Change, known: Models, names: Names, keys: dict[str, str]) -> Told:
    model, of = known.get(row.model), known.get(row.subject)
    fields = _fields(model)
    lines = [_line(column, pair, fields.get(column), names) for column, pair in row.changes.items()]
    kind = model._meta.verbose_name if model else row.model  # noqa: SLF001
    return Told(
        at=row.at,
        who=_who(row, keys),
        action=str(Change.Action(row.action).label),
        is_deletion=row.action == Change.Action.DELETED,
        kind=str(kind),
        label=row.label or names.get((model, row.object_id), ""),
        of="" if row.subject == row.model else names.get((of, row.subject_id), ""),
        model=row.model,
        subject=(row.subject, row.subject_id),
        lines=sorted(lines, key=lambda line: line.field),
    )


def _line(
    column: str,
    pair: list[Any],
    field: Any,
    names: Names,
) -> Line:
    name = str(field.verbose_name) if field else str(MEMBERS.get(column, column))
    if not pair:
        return Line(name, "", "", is_hidden=True)
    before, after = (_value(value, column, field, names) for value in pair)
    return Line(name, before, after, is_hidden=False)


def _value(
    value: Any,
    column: str,
    field: Any,
    names: Names,
) -> str:
    if value in (None, "", [], {}):
        return "–"
    if column == "groups":
        return roles.label(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and field.related_model is not None:
        return names.get((field.related_model, str(value)), str(value))
    choices = dict(field.flatchoices) if field else {}
    return str(choices.get(str(value))) if str(value) in choices else _plain(value, field)


def _plain(value: Any, field: Any) -> str:
    for kind, write in WRITTEN.items():
        if isinstance(field, kind):
            return write(value)
    text = _joined(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items() if one)
    return str(value)


def _moment(value: Any) -> str:
    moment = parse_datetime(str(value))
    return words.moment(moment) if moment else str(value)


def _day(value: Any) -> str:
    day = parse_date(str(value))
    return words.day(day) if day else str(value)


def _decimal(value: Any) -> str:
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return str(value)


# A moment is a day to Django; the narrower kind comes first.
WRITTEN: Mapping[Any, Callable[[Any], str]] = {
    models.DateTimeField: _moment,
    models.DateField: _day,
    models.DecimalField: _decimal,
}


def _fields(model: type[models.Model] | None) -> dict[str, Any]:
    return {field.column: field for field in model._meta.fields} if model else {}  # noqa: SLF001


def _names(rows: Sequence[Change], known: Models) -> Names:
    """Return what the records that changes are about and point to are called now."""
    wanted: dict[type[models.Model], set[str]] = {}
    for row in rows:
        model, of = known.get(row.model), known.get(row.subject)
        if model and not row.label:
            wanted.setdefault(model, set()).add(row.object_id)
        if of and of is not model:
            wanted.setdefault(of, set()).add(row.subject_id)
        fields = _fields(known.get(row.model))
        for column, pair in row.changes.items():
            related = fields[column].related_model if column in fields else None
            if isinstance(related, type):
                wanted.setdefault(related, set()).update(str(one) for one in pair if one)
    return {
        (model, str(record.pk)): str(record)
        for model, ids in wanted.items()
        for record in model._base_manager.filter(pk__in=ids)  # noqa: SLF001
    }


def _who(row: Change, keys: dict[str, str]) -> str:
    if row.actor_kind == ActorKind.SYSTEM:
        return str(PROGRAMS.get(row.actor_label, row.actor_label)) or _("System")
    if row.actor_kind == ActorKind.CHANNEL and row.actor_id in keys:
        return _("%(channel)s, by the key %(key)s") % {
            "channel": row.actor_label,
            "key": keys[row.actor_id],
        }
    return row.actor_label


def _key_names(rows: Sequence[Change]) -> dict[str, str]:
    ids = {row.actor_id for row in rows if row.actor_kind == ActorKind.CHANNEL}
    keys = ApiKey.objects.filter(pk__in=[UUID(one) for one in ids if _is_key(one)])
    return {str(key.pk): key.name for key in keys}


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
