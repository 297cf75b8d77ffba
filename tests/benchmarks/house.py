"""The machine room of a benchmark: throw-away, durable servers and the web servers of both sides.

PostgreSQL keeps every commit (fsync, synchronous_commit), has the floor's 1 GB of buffers and holds
both databases. Each side runs as two processes of four threads under the server options of
`make up`, each process on a port of its own: clients are dealt out by port, so that keep-alive
connections never gather on one process. What is started here ends with this process, by whatever
death.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local import binaries, children, home, servers, supervisor
from config.local.plan import Plan
from config.local.postgres import SUPERUSER
from tests.benchmarks import statements
from tests.benchmarks.load import HOST, Server

PROCESSES = 2
READY_WITHIN = 60.0
FLOOR = "floor"
DURABLE = (
    "fsync=on", "synchronous_commit=on", "full_page_writes=on", "wal_level=replica",
    "shared_buffers=1GB", "max_wal_size=4GB", "checkpoint_timeout=30min", "max_connections=60",
    "shared_preload_libraries=pg_stat_statements",
)  # fmt: skip


class House:
    """Running servers, and what is needed to look inside."""

    def __init__(self, folder: Path, addresses: servers.Addresses) -> None:
        self.folder = folder
        self.addresses = addresses
        self.postmaster = int((folder / "postgres/postmaster.pid").read_text().split()[0])
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "KAPELL_HOME": str(folder),
            "KAPELL_SECRET_KEY": "benchmark-" + home.secret("django_secret_key", folder),
            "KAPELL_ALLOWED_HOSTS": HOST,
            "KAPELL_SSL_REDIRECT": "0",
            "KAPELL_LOG_LEVEL": "WARNING",
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
            "FLOOR_DATABASE_URL": self.database_url(FLOOR),
        }

    def database_url(self, name: str) -> str:
        return urlsplit(self.addresses.database_url)._replace(path=f"/{name}").geturl()

    def connect(self, name: str = "kapell") -> psycopg.Connection:
        """A connection as the superuser, beside the measured ones."""
        url = urlsplit(self.addresses.database_url)
        return psycopg.connect(
            host=url.hostname,
            port=url.port,
            dbname=name,
            user=SUPERUSER,
            password=home.secret("postgres_superuser", self.folder),
            autocommit=True,
        )

    def run(self, *words: str | Path, statuses: tuple[int, ...] = (0,)) -> str:
        """Runs a Python program of the checkout, returns what it said; raises on other statuses."""
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=home.CHECKOUT,
            env={**self.environment, "KAPELL_ROLE": "command"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in statuses:
            raise RuntimeError(f"{' '.join(map(str, words))} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def pgbench(self, script: Path, *, clients: int, seconds: int) -> float:
        """Transactions a second of a script, prepared, on the floor's database."""
        url = urlsplit(self.addresses.database_url)
        programs = binaries.postgres(children.unprivileged(), self.folder / "programs")
        said = subprocess.run(
            [programs / "pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(clients),
             "-j", "1", "-T", str(seconds), "-h", HOST, "-p", str(url.port), FLOOR],
            env={**os.environ, "PGUSER": url.username or "", "PGPASSWORD": url.password or ""},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        line = next(line for line in said.splitlines() if line.startswith("tps ="))
        return float(line.split()[2])

    @contextlib.contextmanager
    def serve(self, application: str) -> Iterator[Server]:
        """Both processes of one side, answering; they are ended afterwards."""
        processes: list[subprocess.Popen[bytes]] = []
        try:
            ports = [self._start(application, processes) for _ in range(PROCESSES)]
            for port in ports:
                self._wait_for(port, processes)
            trees = {"app": [one.pid for one in processes], "database": [self.postmaster]}
            yield Server(ports, trees)
        finally:
            for process in processes:
                children.ask_to_end(process)
            for process in processes:
                children.see_off(process, 10)

    @contextlib.contextmanager
    def work(self, **environment: str) -> Iterator[None]:
        """A worker and the clock, as `make up` runs them; they are ended afterwards."""
        words = [sys.executable, "-m", "celery", "-A", "config"]
        commands = {
            "worker": [*words, "worker", *supervisor._WORKER_OPTIONS],
            "beat": [*words, "beat", "--schedule", str(self.folder / "beat"), "--pidfile", ""],
        }
        processes = [
            children.start(
                command, log=self.folder / f"logs/{name}.log", folder=home.CHECKOUT,
                environment={**self.environment, "KAPELL_ROLE": "worker", **environment},
            )
            for name, command in commands.items()
        ]  # fmt: skip
        try:
            yield
        finally:
            for process in processes:
                children.ask_to_end(process)
            for process in processes:
                children.see_off(process, 20)

    def _start(self, application: str, processes: list[subprocess.Popen[bytes]]) -> int:
        port = _free_port()
        words = [
            word.replace("config.wsgi:application", application)
            for word in supervisor._web(f"{HOST}:{port}")
        ]
        words[words.index("--workers") + 1] = "1"
        log = self.folder / f"logs/{application.partition(':')[0]}.log"
        environment = {**self.environment, "KAPELL_ROLE": "web"}
        started = children.start(words, log=log, environment=environment, folder=home.CHECKOUT)
        processes.append(started)
        return port

    def _wait_for(self, port: int, processes: list[subprocess.Popen[bytes]]) -> None:
        ready = children.wait_until(
            lambda: any(one.poll() is not None for one in processes) or _answers(port),
            within=READY_WITHIN,
            every=0.1,
        )
        if not ready or any(one.poll() is not None for one in processes):
            logs = "".join(
                x.read_text()[-3000:] for x in self.folder.glob("logs/*application*.log")
            )
            logs += "".join(x.read_text()[-3000:] for x in self.folder.glob("logs/config.wsgi.log"))
            raise RuntimeError(f"the web server does not answer:\n{logs}")


@contextlib.contextmanager
def running() -> Iterator[House]:
    """Servers of our own, the floor's database made, statements countable; deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kapell-bench-", dir=_open_folder()))
    folder.chmod(0o711)
    os.environ["KAPELL_POSTGRES_OPTIONS"] = " ".join(DURABLE)
    try:
        house = House(folder, servers.join(folder, Plan(throwaway=True)))
        with house.connect("postgres") as connection:
            owner = sql.Identifier(urlsplit(house.addresses.database_url).username or "")
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(FLOOR), owner)
            )
            connection.execute("CREATE EXTENSION pg_stat_statements")
        statements.switch(house, to="none")
        yield house
    finally:
        servers.leave(folder)


def _open_folder() -> str | None:
    """Root's servers run as another user, who must be able to reach the folder."""
    if os.geteuid() != 0 or home.is_open(Path(tempfile.gettempdir())):
        return None
    return "/var/tmp"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
