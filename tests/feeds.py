"""Lets a test read a feed when all that was written is in it, whatever its neighbours do."""

import time

from config.kernel import sql

BEHIND_ALL = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def settle(patience: float = 240) -> None:
    """Wait until no transaction runs that could precede what is committed by now.

    Transactions are numbered by the whole server, so that of a neighbour's test in another
    database counts as well, and such a test may be long.
    """
    behind_all, ends = _ask(BEHIND_ALL), time.monotonic() + patience
    while _ask(OLDEST_RUNNING) < behind_all:
        assert time.monotonic() < ends, "an older transaction is still running"
        time.sleep(0.02)


def _ask(question: str) -> int:
    row = sql.fetch_one(question)
    assert row
    return int(row[0])
