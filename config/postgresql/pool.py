"""A pool that hands out no dead connection and keeps nobody waiting for a server that is gone."""

import select
import time
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

Session = psycopg.Connection[Any]
KNOWN_TO_BE_GONE = 5.0  # seconds after a failed attempt in which callers are not kept waiting
IMPATIENT = 0.3
GIVE_UP_AFTER = 0.5  # the next caller tries again; psycopg's own pauses grow to minutes


class Pool(ConnectionPool[Session]):
    """Connections that are looked at before they are used.

    When the server restarts, every pooled connection is dead at once; the first one found so takes
    the others with it. While the server is gone a caller waits a moment only, so that threads do
    not pile up; each caller makes the pool try again, so that it is back as soon as the server is.
    """

    def __init__(self, **options: Any) -> None:
        self._gone_at = -KNOWN_TO_BE_GONE
        super().__init__(
            check=self._look,
            reconnect_timeout=GIVE_UP_AFTER,
            reconnect_failed=self._note_gone,
            **options,
        )

    def getconn(self, timeout: float | None = None) -> Session:
        """Return a live connection. Raises PoolTimeout."""
        if time.monotonic() - self._gone_at < KNOWN_TO_BE_GONE:
            timeout = IMPATIENT
        session = super().getconn(timeout)
        self._gone_at = -KNOWN_TO_BE_GONE
        return session

    def _look(self, session: Session) -> None:
        """A quiet socket is a live one. Something to read is a farewell: then the server is asked.

        Costs no round trip as long as all is well.
        """
        watch = select.poll()
        watch.register(session.fileno(), select.POLLIN)
        if not watch.poll(0):
            return
        try:
            self.check_connection(session)
        except psycopg.Error:
            self.drain()
            raise

    def _note_gone(self, _pool: ConnectionPool[Session]) -> None:
        self._gone_at = time.monotonic()
