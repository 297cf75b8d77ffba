"""PostgreSQL's own programs for dumps, new enough for the server they are used on."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from psycopg.conninfo import make_conninfo

from config.kernel import errors
from config.local import binaries
from config.operations import databases


class NoProgram(errors.DomainError):
    """This machine has no program that fits the server."""

    code, status = "no_program", 503
    title = "PostgreSQL's programs are missing."


class ProgramFailed(errors.DomainError):
    """One of PostgreSQL's programs ended with an error; the detail is what it said."""

    code, status = "program_failed", 500
    title = "A program of PostgreSQL failed."


def find(name: str, *, at_least: int) -> Path:
    """Return `pg_dump` or `pg_restore` of that major version or newer.

    Looks at PG_BIN, the installed wheel, the system's versions, the path. Raises `NoProgram`.
    """
    seen = []
    for program in _candidates(name):
        version = _version(program)
        if version >= at_least:
            return program
        if version:
            seen.append(str(version))
    found = f"found is {', '.join(seen)}" if seen else "none is found"
    raise NoProgram(
        f"{name} {at_least} or newer is needed, {found}; install PostgreSQL's client "
        f"programs of version {at_least} or set PG_BIN to the folder that holds them."
    )


@contextmanager
def reading(arguments: Sequence[str | Path]) -> Iterator[IO[bytes]]:
    """Start a program on the database and give what it writes. Raises `ProgramFailed` at the end.

    It is ended when the reader breaks off.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - a fixed list
            [*map(str, arguments), "--dbname", _address()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=environment(),
        )  # fmt: skip
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            status = process.wait()
        _require_success(status, said, arguments[0])


def run(arguments: Sequence[str | Path], *, database: str = "") -> str:
    """Run a program to its end, on a database if one is named; return what it wrote.

    Raises `ProgramFailed`.
    """
    place = ["--dbname", _address(database)] if database else []
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603 - a fixed list
            [*map(str, arguments), *place],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=environment(),
            check=False,
        )  # fmt: skip
        _require_success(done.returncode, said, arguments[0])
    return done.stdout.decode(errors="replace")


def environment() -> Mapping[str, str]:
    """Return the environment of these programs: the password never stands on a command line."""
    password = str(databases.parameters().get("password", ""))
    return {**os.environ, "PGPASSWORD": password, "LC_ALL": "C"}


def _address(name: str = "") -> str:
    known: dict[str, Any] = {**databases.parameters(), **({"dbname": name} if name else {})}
    known.pop("password", None)
    known["application_name"] = "pg_dump"
    return make_conninfo(**known)


def _candidates(name: str) -> Iterator[Path]:
    for folder in binaries.postgres_folders():
        if (folder / name).exists():
            yield folder / name
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)


def _version(program: Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603 - a fixed list
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else 0


def _require_success(status: int, said: IO[bytes], program: object) -> None:
    if status:
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
        telling = [line for line in lines if "error:" in line] or lines or [f"status {status}"]
        reason = telling[0].rpartition("error: ")[2]
        raise ProgramFailed(f"{Path(str(program)).name}: {reason}")
