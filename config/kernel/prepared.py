"""Prepared statements straight on libpq: what an order's few statements cost, and nothing beside.

psycopg's cursor is made for everything and costs three times as much Python as the round trip
itself. Here a statement's text is read once per process, prepared once per connection and run by
libpq; values, errors and the end of a transaction stay psycopg's. Connections must keep their
session: a pooler in between has to know prepared statements.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer

MOST = 300
_PLACE = re.compile(r"%(?:\((\w+)\))?s|%%")
_DONE = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})
_IDLE = pq.TransactionStatus.IDLE

Session = psycopg.Connection[Any]
Params = Mapping[str, Any] | Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered."""

    result: pq.abc.PGresult
    rows: list[tuple[Any, ...]]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        columns = range(self.result.nfields)
        return [(self.result.fname(column) or b"").decode() for column in columns]

    @property
    def count(self) -> int:
        """How many rows were touched or returned."""
        return self.result.command_tuples or 0


class _Prepared:
    """What one connection has prepared, and how its values are written and read."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.values = Transformer(session)
        self.names: dict[tuple[bytes, tuple[int, ...] | None], bytes] = {}
        self.made = 0

    def knows(self, text: bytes, types: tuple[int, ...] | None) -> bool:
        return (text, types) in self.names

    def name(self, text: bytes, types: tuple[int, ...] | None) -> bytes:
        """Return the name the statement is prepared under; the oldest gives way to a new one."""
        known = self.names.get((text, types))
        if known is not None:
            return known
        if len(self.names) >= MOST:
            self.ask(b"DEALLOCATE " + self.names.pop(next(iter(self.names))))
        self.made += 1
        name = f"kapell_{self.made}".encode()
        self.check(self.session.pgconn.prepare(name, text, types))
        self.names[text, types] = name
        return name

    def ask(self, command: bytes) -> None:
        self.check(self.session.pgconn.exec_(command))

    def check(self, result: pq.abc.PGresult) -> None:
        """Raise psycopg's error for what went wrong."""
        if result.status in _DONE:
            return
        error = errors.error_from_result(result, self.values.encoding)
        if self.session.pgconn.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(str(error)) from error
        raise error


def run(
    session: Session,
    statement: str,
    params: Params = None,
    *,
    binary: bool = False,
    by_index: bool = False,
) -> Answer:
    """Run a statement with `%s` or `%(name)s` in it; it opens a transaction as psycopg would.

    A plan is kept as it was first made. `by_index` has this transaction's new plans use indexes
    even where a table is still empty, because it will not stay so.
    Raises psycopg's errors. The thread waits inside libpq: others go on, signals wait with it.
    """
    prepared, connection = _of(session), session.pgconn
    if connection.transaction_status == _IDLE and not session.autocommit:
        prepared.ask(b"BEGIN")
    text, order, formats = _numbered(statement, named=params is not None)
    values = prepared.values
    given = values.dump_sequence([params[key] for key in order] if params else (), formats)
    if by_index and not prepared.knows(text, values.types):
        prepared.ask(b"SET LOCAL enable_seqscan = off")
    name = prepared.name(text, values.types)
    # The stubs forget that a value may be None, which is NULL.
    result = connection.exec_prepared(name, given, values.formats, int(binary))  # type: ignore[arg-type]
    prepared.check(result)
    values.set_pgresult(result)
    return Answer(result, values.load_rows(0, result.ntuples, tuple))


def _of(session: Session) -> _Prepared:
    known = getattr(session, "kapell_prepared", None)
    if known is None:
        known = _Prepared(session)
        session.kapell_prepared = known  # type: ignore[attr-defined]
    return known


@functools.cache
def _numbered(
    statement: str, *, named: bool
) -> tuple[bytes, tuple[Any, ...], tuple[PyFormat, ...]]:
    """Return the text with `$1`, `$2`, …, and where each value is found."""
    if not named:
        return statement.encode(), (), ()
    order: list[str | int] = []

    def number(place: re.Match[str]) -> str:
        if place.group() == "%%":
            return "%"
        key = place.group(1) or len(order)
        if key not in order:
            order.append(key)
        return f"${order.index(key) + 1}"

    text = _PLACE.sub(number, statement).encode()
    return text, tuple(order), (PyFormat.AUTO,) * len(order)
