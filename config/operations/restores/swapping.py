"""Makes, swaps and drops whole databases and folders; what was there is set aside, never lost."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from config.operations.restores import target

BEFORE, FRESH = "_before_", "_fresh_"
Session = psycopg.Connection[Any]


def stamp(at: datetime) -> str:
    """Return a moment as it stands in names."""
    return f"{at:%Y%m%d%H%M%S}"


def make_database(*, like: target.Target, at: datetime) -> str:
    """Make an empty database beside the present one; return its name."""
    name = f"{like.name}{FRESH}{stamp(at)}"
    with target.administrator() as session:
        _do(session, "CREATE DATABASE {} OWNER {}", name, like.owner)
    return name


def drop_database(name: str) -> None:
    """Drop a database, whoever is connected."""
    with target.administrator() as session:
        _do(session, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def swap_database(*, present: str, fresh: str, at: datetime) -> str:
    """Give the fresh database the present one's name; return the name the present one got.

    Each is renamed from within the other, so no third database is needed. When the second step
    fails the first is taken back.
    """
    former = f"{present}{BEFORE}{stamp(at)}"
    with target.administrator(fresh) as session:
        _rename(session, present, former)
    try:
        with target.administrator(former) as session:
            _rename(session, fresh, present)
    except psycopg.Error:
        with target.administrator(fresh) as session:
            _rename(session, former, present)
        raise
    return former


def former_databases(name: str) -> list[str]:
    """Return the databases that restores have set aside."""
    with target.administrator() as session:
        found = session.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1",
            [name + BEFORE],
        )
        return [former for (former,) in found.fetchall()]


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Have Django work in another database of the server."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def fresh_folder(present: Path) -> Path:
    """Make an empty folder beside the present one; what a broken restore left there goes."""
    fresh = present.with_name(f"{present.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    return fresh


def swap_folder(*, present: Path, fresh: Path, at: datetime) -> None:
    """Give the fresh folder the present one's name; one with something in it is set aside."""
    if present.exists() and any(present.iterdir()):
        present.rename(present.with_name(f"{present.name}.before.{stamp(at)}"))
    elif present.exists():
        present.rmdir()
    fresh.rename(present)


def former_folders(present: Path) -> list[Path]:
    """Return the folders that restores have set aside."""
    return sorted(present.parent.glob(f"{present.name}.before.*"))


def _rename(session: Session, old: str, new: str) -> None:
    """Whoever is connected is cut off; new ones may come in between, so a few tries are made."""
    for attempt in range(10):
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()", [old],
        )  # fmt: skip
        try:
            _do(session, "ALTER DATABASE {} RENAME TO {}", old, new)
        except psycopg.errors.ObjectInUse:
            if attempt == 9:
                raise
            time.sleep(0.2)
        else:
            return


def _do(session: Session, statement: str, *names: str) -> None:
    session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
