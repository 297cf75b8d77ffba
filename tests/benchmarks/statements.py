"""Statements as the server counts them, transaction control and key look-ups included.

The server's own checks of foreign keys at the end of a transaction are no round trips and left out.
Counting is switched on for its own short runs only, so that it costs the timed ones nothing.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.house import House

CALLS = """
SELECT query, sum(calls)::int, sum(total_exec_time) FROM pg_stat_statements s
JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'kapell' AND toplevel
  AND query NOT LIKE 'SELECT 1 FROM ONLY % FOR KEY SHARE OF x'
GROUP BY query ORDER BY 3 DESC
"""


@dataclass(slots=True)
class Count:
    """Calls and milliseconds by statement, known once the counting is over."""

    calls: dict[str, int] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.calls.values())


@contextlib.contextmanager
def counted(house: "House") -> Iterator[Count]:
    """Count what Kapell's database is asked inside the block."""
    count = Count()
    switch(house, to="top")
    try:
        yield count
        with house.connect("postgres") as connection:
            for query, calls, milliseconds in connection.execute(CALLS):
                count.calls[query], count.milliseconds[query] = calls, milliseconds
    finally:
        switch(house, to="none")


def switch(house: "House", *, to: str) -> None:
    """Count from zero (`top`) or not at all (`none`); running connections follow at once."""
    with house.connect("postgres") as connection:
        connection.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{to}'")
        connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)
        connection.execute("SELECT pg_stat_statements_reset()")
