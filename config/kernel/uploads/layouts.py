"""Layouts: what can be uploaded and exported, registered by the apps that own the records.

One table describes a file, its template, its export, its page of the documentation and its checks.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from config.kernel.actors import Actor
from config.kernel.models import User
from config.kernel.uploads.columns import BadCell, Column, Fault, Plain, Text, shown

Values = dict[str, Plain]


@dataclass(slots=True)
class Row:
    """A row of a file on its way: what it says, what the books have, what is wrong with it.

    `values` holds the columns that the file has and that say something. `present` is what the books
    have of the same record under the same names, None when there is no such record; `record` is
    for the layout's own use between judging and booking. `seen` is where the books differed when
    the file was checked, which is what whoever books it was shown.
    """

    number: int
    values: Values
    present: Values | None = None
    target_id: UUID | None = None
    record: Any = None
    seen: Values = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, code: str, column: str = "", **params: Any) -> None:
        """Say that the row cannot be booked, and why."""
        value = shown(self.values.get(column)) if column else ""
        self.faults.append(Fault(code, column, value[:80], params))

    def missing(self, column: str) -> None:
        """Say that a new record needs this column."""
        self.refuse("missing", column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behalf:
    """On whose behalf rows are judged, booked or exported: only what they may see exists.

    `is_final` when the rows are about to be booked, so that what is judged must be locked.
    """

    user: User
    actor: Actor
    at: datetime
    upload_id: UUID | None = None
    file_name: str = ""
    is_final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What one kind of file holds and how it reaches the books.

    `key` tells what a row is about: two rows with the same key contradict each other. Rows with the
    same `group` are judged and booked together, and if `is_whole`, one bad row spoils them all.

    `judge` looks rows up: it sets `present` and `target_id` and refuses what cannot be booked.
    `book` writes rows that are new or differ, in the running transaction, and may refuse more.
    With `is_single`, each group is booked by a transaction of its own, because what it calls rolls
    its transaction back when it loses a race; such a file cannot be all or nothing.

    `named_by` are the columns by which people recognise a row.

    `rights` are all needed to upload, `view` to export. `sentences` tell the codes of `judge` and
    `book`; a sentence may name `%(column)s`, `%(value)s` and the fault's facts.
    """

    code: str
    title: Text
    icon: str
    about: Text
    rights: Sequence[str]
    view: str
    columns: Sequence[Column]
    key: Callable[[Values], str]
    judge: Callable[[Sequence[Row], Behalf], None]
    book: Callable[[Sequence[Row], Behalf], None]
    export: Callable[[Behalf], Iterable[Values]]
    examples: Sequence[Mapping[str, str]]
    named_by: Sequence[str]
    group: Callable[[Values], str] | None = None
    is_whole: bool = False
    is_single: bool = False
    sentences: Mapping[str, Text] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of all columns, in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)

    def group_of(self, values: Values) -> str:
        """Return what a row belongs to."""
        return (self.group or self.key)(values)

    def may_upload(self, user: Any) -> bool:
        """Tell whether somebody may hand in such files."""
        return bool(user.has_perms(self.rights))

    def may_export(self, user: Any) -> bool:
        """Tell whether somebody may have such a file."""
        return bool(user.has_perm(self.view))

    def differences(self, row: Row) -> Values:
        """Return what the books have in the columns where the row says something else."""
        if row.present is None:
            return {}
        return {
            name: row.present.get(name)
            for name, value in row.values.items()
            if value != row.present.get(name) and not self._is_same(name, value, row.present)
        }

    def _is_same(self, name: str, value: Plain, present: Values) -> bool:
        """Tell whether the value is what the books' own would be read as from an exported file."""
        column = self.column(name)
        if column is None or column.is_info:
            return True
        try:
            return bool(column.read(shown(present.get(name))) == value)
        except BadCell:
            return False


_layouts: dict[str, Layout] = {}


def register(*layouts: Layout) -> None:
    """Name layouts; called when an app is ready."""
    for layout in layouts:
        _layouts[layout.code] = layout


def find(code: str) -> Layout | None:
    """Return a layout by its code."""
    return _layouts.get(code)


def of(code: str) -> Layout:
    """Return a layout by its code, which is known to exist."""
    return _layouts[code]


def every() -> Collection[Layout]:
    """Return all layouts in the order they were registered."""
    return _layouts.values()
