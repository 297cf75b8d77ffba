"""What is there before a restore: who is connected, what would be replaced, what is allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from config.kernel import errors
from config.local import home, servers
from config.local.locks import Lock
from config.local.postgres import SUPERUSER
from config.operations import databases
from config.operations.backups.making import TABLES

# What tells people whether there is something to lose.
TOLD = {
    "orders_order": "orders",
    "inventory_product": "products",
    "customers_customer": "customers",
    "kernel_channel": "sales channels",
}


class StillRunning(errors.DomainError):
    """Web, worker or beat use the database."""

    code = "still_running"
    title = "Stop web, worker and beat first."


class MayNot(errors.DomainError):
    """The role may not make a database, and this one is not empty."""

    code, status = "may_not_create_database", 403
    title = "The database role may not make databases."


@dataclass(frozen=True, slots=True)
class Target:
    """The database a restore would replace."""

    name: str
    owner: str
    holds: Mapping[str, int]
    has_tables: bool
    may_create: bool

    @property
    def is_empty(self) -> bool:
        """Whether nobody would miss anything."""
        return not any(self.holds.values())

    def told(self) -> str:
        """Say what it holds."""
        return ", ".join(f"{count:,} {what}" for what, count in self.holds.items() if count)


def look() -> Target:
    """Return what is there. Raises `StillRunning`, `MayNot`, the database's errors."""
    require_stopped()
    with databases.connect() as session:
        tables = {name for (name,) in session.execute(TABLES).fetchall()}
        holds = {what: _count(session, table) for table, what in TOLD.items() if table in tables}
    with administrator() as session:
        may_create = bool(_one(session, "SELECT rolcreatedb OR rolsuper FROM pg_roles"
                                        " WHERE rolname = current_user"))  # fmt: skip
    known = databases.parameters()
    if not may_create and tables:
        raise MayNot(
            f"The role {known['user']} may not make databases, and {known['dbname']} is not empty. "
            f"Either: ALTER ROLE {known['user']} CREATEDB. Or make an empty database and set "
            "DATABASE_URL to it."
        )
    return Target(known["dbname"], known["user"], holds, bool(tables), may_create)


def administrator(name: str = "") -> psycopg.Connection[Any]:
    """Return a connection that may make and rename databases, if there is such a role.

    The embedded server's superuser; elsewhere the application's own role.
    """
    running = servers.running(settings.KAPELL_HOME)
    known = databases.parameters()
    if running and f":{known.get('port')}/" in running.database_url:
        password = home.secret("postgres_superuser", settings.KAPELL_HOME)
        return databases.connect(name=name, user=SUPERUSER, password=password)
    return databases.connect(name=name)


def require_stopped() -> None:
    """Raise `StillRunning` while web or worker use the database."""
    up = Lock(settings.KAPELL_HOME / "secrets/up.lock")
    if up.place.exists() and up.is_taken():
        raise StillRunning("`make up` is running; stop it first (Ctrl-C).")
    with databases.connect() as session:
        others = session.execute(
            "SELECT DISTINCT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = ANY(%s) ORDER BY 1",
            [["kapell-web", "kapell-worker"]],
        ).fetchall()
    if others:
        names = ", ".join(name for (name,) in others)
        raise StillRunning(f"{names} still use the database; stop web, worker and beat first.")


def _count(session: psycopg.Connection[Any], table: str) -> int:
    return int(_one(session, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))))


def _one(session: psycopg.Connection[Any], asked: Any) -> Any:
    row = session.execute(asked).fetchone()
    return row[0] if row else None
