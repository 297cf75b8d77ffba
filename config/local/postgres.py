"""The embedded PostgreSQL: a cluster made once, started and recovered as a plain child process."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from config.local import children, home
from config.local.errors import LocalError
from config.local.plan import Plan

SUPERUSER = "postgres"
APPLICATION = "kapell"
START_WITHIN = 60.0
EXTENSIONS = ("pg_trgm",)


class Postgres:
    """One cluster below a home."""

    def __init__(
        self, *, home_folder: Path, bin_folder: Path, identity: children.Identity | None, plan: Plan
    ) -> None:
        self.home = home_folder
        self.bin = bin_folder
        self.identity = identity
        self.plan = plan
        self.data = home_folder / "postgres"
        self.log = home_folder / "logs/postgres.log"
        self.environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def prepare(self) -> None:
        """Makes the cluster unless it is there, and clears what a killed server left behind.

        A cluster counts as made only once it has its final name, so a half-made one is made anew.
        Raises LocalError.
        """
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            self._end_stray_server()
            return
        draft = self.home / "postgres.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_suffix(".password")
        password.touch(mode=0o600)
        password.write_text(home.secret("postgres_superuser", self.home))
        if self.identity:
            self.identity.own(draft, password)
        self._initialise(draft, password)
        password.unlink()
        draft.rename(self.data)

    def start(self, port: int) -> subprocess.Popen[bytes]:
        """Starts the server and waits until it answers. Raises LocalError."""
        options = [part for option in self.plan.postgres_options for part in ("-c", option)]
        process = children.start(
            [self.bin / "postgres", "-D", self.data, "-p", str(port), *options],
            log=self.log,
            identity=self.identity,
            environment=self.environment,
            when_orphaned=signal.SIGINT,
        )
        answered = children.wait_until(
            lambda: process.poll() is not None or self._answers(port), within=START_WITHIN
        )
        if not answered or process.poll() is not None:
            children.stop(process, signal.SIGQUIT)
            raise LocalError(f"PostgreSQL did not start, see {self.log}")
        return process

    def furnish(self, port: int) -> None:
        """Makes the application's role, database and extensions, or brings them up to date."""
        with self._connect(port) as connection:
            self._ensure_role(connection)
            self._ensure_database(connection)
        for database in ("template1", APPLICATION):
            with self._connect(port, database) as connection:
                for name in EXTENSIONS:
                    _ensure_extension(connection, name)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ends the server: at once when its data is thrown away, else after a checkpoint."""
        number = signal.SIGQUIT if self.plan.throwaway else signal.SIGINT
        children.stop(process, number, patience=30)

    def url(self, port: int) -> str:
        """Where the application connects."""
        password = home.secret("postgres_application", self.home)
        return f"postgresql://{APPLICATION}:{password}@127.0.0.1:{port}/{APPLICATION}"

    def _initialise(self, folder: Path, password: Path) -> None:
        locale = ["--locale=C.UTF-8"]
        if _major(self.bin) >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        done = children.run(
            [self.bin / "initdb", "-D", folder, "-U", SUPERUSER, "-E", "UTF8", *locale,
             "-A", "scram-sha-256", f"--pwfile={password}",
             *(["--no-sync"] if self.plan.throwaway else [])],
            identity=self.identity,
            environment=self.environment,
        )  # fmt: skip
        if done.returncode:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise LocalError(f"PostgreSQL could not make its files in {self.home}: {reason}")

    def _check_version(self) -> None:
        theirs = int((self.data / "PG_VERSION").read_text())
        ours = _major(self.bin)
        if theirs != ours:
            raise LocalError(
                f"{self.data} was made by PostgreSQL {theirs}, here is {ours}; "
                "set PG_BIN to the old one or move the data with pg_dump"
            )

    def _end_stray_server(self) -> None:
        """A killed keeper's server is shutting down, or its process file is stale."""
        pid_file = self.data / "postmaster.pid"
        if not children.wait_until(lambda: not self._stray(pid_file), within=10, every=0.1):
            with contextlib.suppress(ProcessLookupError, ValueError, OSError):
                os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
            if not children.wait_until(lambda: not self._stray(pid_file), within=10, every=0.1):
                raise LocalError(f"another PostgreSQL is using {self.data}; stop it first")
        pid_file.unlink(missing_ok=True)

    def _stray(self, pid_file: Path) -> bool:
        try:
            pid = int(pid_file.read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return False
        command = Path(f"/proc/{pid}/cmdline")
        return not command.exists() or str(self.data).encode() in command.read_bytes()

    def _answers(self, port: int) -> bool:
        try:
            self._connect(port).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LocalError(
                    f"{self.home}/secrets/postgres_superuser does not open {self.data}"
                ) from None
            return False
        return True

    def _connect(self, port: int, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=port,
            user=SUPERUSER,
            password=home.secret("postgres_superuser", self.home),
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _ensure_role(self, connection: psycopg.Connection) -> None:
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
        verb = "ALTER" if found.fetchone() else "CREATE"
        connection.execute(
            sql.SQL(f"{verb} ROLE {{}} LOGIN {self.plan.role_attributes} PASSWORD {{}}").format(
                sql.Identifier(APPLICATION),
                sql.Literal(home.secret("postgres_application", self.home)),
            )
        )

    def _ensure_database(self, connection: psycopg.Connection) -> None:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APPLICATION])
        if not found.fetchone():
            name = sql.Identifier(APPLICATION)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))


def _ensure_extension(connection: psycopg.Connection, name: str) -> None:
    offered = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [name])
    if offered.fetchone():
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
        )


def _major(bin_folder: Path) -> int:
    said = children.run([bin_folder / "postgres", "--version"]).stdout
    return int(said.split(")")[1].split(".")[0])
