"""Reads a file by a layout: its columns are recognised, each row becomes values or faults."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.kernel.jobs import storage
from config.kernel.models import Upload
from config.kernel.uploads import columns, files, guard, tables
from config.kernel.uploads.columns import KEEP, BadCell, Column, Fault
from config.kernel.uploads.errors import Unreadable
from config.kernel.uploads.layouts import Layout, Row

MOST_ROWS = 250_000
WRONG = "what_is_wrong"  # the column our own error files add; it may come back

_LOOSE = re.compile(r"[\s_\-.]+")
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file being read: the columns found, those nobody asked for, and the rows."""

    header: Sequence[str]
    columns: Sequence[str]
    ignored: Sequence[str]
    lines: Iterator[tuple[int, Sequence[Any]]]
    layout: Layout
    places: Sequence[tuple[int, Column]]

    def rows(self) -> Iterator[Row]:
        """Yield the rows; what cannot be read of them are their faults.

        Raises `Unreadable` for a file of more rows than are taken, and for one that is damaged.
        """
        for counted, (number, cells) in enumerate(self.lines, 1):
            if counted > MOST_ROWS:
                raise Unreadable("too_many_rows", name=self.layout.code, most=f"{MOST_ROWS:,}")
            yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[Any]) -> Row:
        row = Row(number, {})
        width = len(cells)
        for place, column in self.places:
            cell = cells[place] if place < width else ""
            try:
                value = column.read(cell)
            except BadCell as bad:
                told = columns.tame(columns.plain(cell)) if cell not in ("", None) else ""
                row.faults.append(Fault(bad.code, column.name, told, bad.params))
            else:
                if value is not KEEP:
                    row.values[column.name] = value
        return row


def stored_name(file_name: str) -> str:
    """Return the name under which a file that was handed in is stored: ours, not the sender's."""
    suffix = Path(file_name).suffix.lower()
    return f"upload{suffix}" if suffix in {guard.SPREADSHEET, *guard.PLAIN} else "upload"


def path_of(upload: Upload) -> Path:
    """Return where the file of an upload lies; it is deleted after a month."""
    if upload.check_job_id is None:
        raise ValueError("an upload without a file")
    return storage.path(upload.check_job_id, stored_name(upload.file_name))


@contextmanager
def opened(path: Path, name: str, layout: Layout) -> Iterator[Sheet]:
    """Open a file that was handed in under a name, and find the layout's columns in it.

    Raises `Unreadable`: not taken, damaged, no column names, a column missing or there twice.
    """
    with path.open("rb") as raw:
        guard.check(raw, name, path.stat().st_size)
        is_text = Path(name).suffix.lower() != guard.SPREADSHEET
        written = tables.Layout(encoding=guard.encoding(raw, name) if is_text else "")
        with files.opened(raw, name) as source:
            yield _sheet(tables.table(source, written), layout)


def _sheet(table: tables.Table, layout: Layout) -> Sheet:
    known = {_loose(column.name): column for column in layout.columns}
    found = [known.get(_loose(heading)) for heading in table.header]
    named = [column for column in found if column]
    _refuse_twice(named)
    _refuse_missing(named, layout, table.header)
    return Sheet(
        header=table.header,
        columns=[column.name for column in named if not column.is_info],
        ignored=[
            columns.tame(heading)
            for heading, column in zip(table.header, found, strict=True)
            if heading and column is None and _loose(heading) != _loose(WRONG)
        ],
        lines=table.rows,
        layout=layout,
        places=[
            (place, column)
            for place, column in enumerate(found)
            if column is not None and not column.is_info
        ],
    )


def _loose(heading: str) -> str:
    """Return a heading as headings are compared: letter case, blanks and marks do not count."""
    return _LOOSE.sub("", heading).casefold()


def _refuse_twice(named: Sequence[Column]) -> None:
    names = [column.name for column in named]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable("columns_twice", columns=", ".join(twice))


def _refuse_missing(named: Sequence[Column], layout: Layout, header: Sequence[str]) -> None:
    missing = [one.name for one in layout.columns if one.required and one not in named]
    if missing:
        found = ", ".join(columns.tame(heading) for heading in header[:_SHOWN] if heading) or "–"
        raise Unreadable("columns_missing", missing=", ".join(missing), found=found)
