"""Reaching the database beside Django's connection: quick looks, long dumps, other databases."""

from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

NOT_LIBPQ = frozenset({"pool", "options", "server_side_binding", "isolation_level", "assume_role"})


def connect(*, name: str = "", patience: int = 0, **changes: Any) -> psycopg.Connection[Any]:
    """Return a connection that commits each statement, to be used as a context.

    `patience` bounds in seconds how long connecting and each statement may take; 0 is no bound.
    Another database of the server is given by `name`, another user by psycopg's own arguments.
    """
    limits = {"connect_timeout": patience or 10}
    options = f"-c statement_timeout={patience}s -c lock_timeout={patience}s" if patience else ""
    known = parameters()
    return psycopg.connect(
        **{**known, **limits, "dbname": name or known["dbname"], "options": options, **changes},
        autocommit=True,
    )


def parameters() -> dict[str, Any]:
    """Return where Django's database is, as libpq's parameters, password and all."""
    entry = settings.DATABASES["default"]
    given = {
        "dbname": connection.settings_dict["NAME"],  # a test's or a restore's, not the configured
        "user": entry["USER"],
        "password": entry["PASSWORD"],
        "host": entry["HOST"],
        "port": entry["PORT"],
        **{name: value for name, value in entry["OPTIONS"].items() if name not in NOT_LIBPQ},
    }
    return {name: value for name, value in given.items() if value not in ("", None)}


def now() -> datetime:
    """Return the moment by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
