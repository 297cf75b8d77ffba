"""A system of the faults' own, with real servers and programs that may be killed.

Its PostgreSQL keeps every commit, as a lasting system's does. Everything listens on loopback, and
whatever is left when the tests end is ended with the home's keeper.
"""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
from redis import Redis

from config.local import children, home, servers, supervisor
from config.local.postgres import SUPERUSER
from tests.local import conftest as processes

READY = 60.0
PREPARE = """
import io, sys
from django.core.management import call_command
from config.kernel import installation, roles
from config.kernel.models import User
call_command("migrate", verbosity=0)
installation.settle()
roles.sync()
User.objects.create_superuser("admin", "", PASSWORD)
key = io.StringIO()
call_command("create_channel", "WEB", scope=["all"], stdout=key, stderr=sys.stderr)
call_command("import_stock", STOCK, warehouse="MAIN", stdout=sys.stderr)
print(key.getvalue().splitlines()[-1])
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'kapell-web' AND wait_event_type = 'Lock'
"""
PASSWORD = "not-a-secret-here"
STOCK = 100_000
SKUS = 40
_numbers = itertools.count(1)


def saw(fact: str) -> None:
    """Say what a fault did; shown with -s and when a test fails."""
    print(f"saw: {fact}", flush=True)  # noqa: T201


class House:
    """One home, its servers, and what is started in it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        addresses = servers.join(folder)
        self.environment = {
            **environment,
            "KAPELL_HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "KAPELL_LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
        }
        self.key = ""
        self._skus = itertools.cycle(f"F-{number}" for number in range(SKUS))

    def prepare(self, folder: Path) -> None:
        """Schema, somebody who may sign in, a channel with a key, shelves that never run empty."""
        stock = folder / "stock.csv"
        rows = "".join(f"F-{number},{STOCK}\n" for number in range(SKUS))
        stock.write_text(f"sku,quantity\n{rows}")
        given = f"PASSWORD, STOCK = {PASSWORD!r}, {str(stock)!r}\n"
        self.key = self.manage("shell", "-v", "0", "-c", given + PREPARE).stdout.split()[-1]

    def connect(self, name: str = "", *, superuser: bool = False):
        """Return a connection that commits each statement."""
        url = urlsplit(self.environment["DATABASE_URL"])
        as_whom = {}
        if superuser:
            password = home.secret("postgres_superuser", self.folder)
            as_whom = {"user": SUPERUSER, "password": password}
        return psycopg.connect(
            url._replace(path=f"/{name}" if name else url.path).geturl(),
            autocommit=True,
            connect_timeout=5,
            **as_whom,
        )

    def ask(self, statement: str, *params):
        """Return the first value of the first row, from whichever server answers soon."""
        with self.connect() as session:
            row = session.execute(statement, params).fetchone()
            return row[0] if row else None

    def manage(self, *words, check=True, wrapper=(), **environment):
        """Run a management command to its end."""
        done = subprocess.run(
            [*wrapper, sys.executable, "manage.py", *map(str, words)],
            cwd=home.CHECKOUT,
            env={**self.environment, "KAPELL_ROLE": "command", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    def doctor(self, **how):
        """Return what the doctor says of each thing, and its exit status."""
        done = self.manage("doctor", "--json", check=False, **how)
        return {one["check"]: one for one in json.loads(done.stdout)}, done.returncode

    def drained(self, within=60.0) -> bool:
        """Whether every event is handled in time."""
        return children.wait_until(lambda: self.waiting() == 0, within=within, every=0.2)

    def waiting(self) -> int:
        """Return how many events or deliveries are still to be handled."""
        return int(
            self.ask(
                "SELECT (SELECT count(*) FROM kernel_event WHERE NOT fanned_out) +"
                " (SELECT count(*) FROM kernel_delivery WHERE state IN ('pending', 'leased'))"
            )
        )

    @contextlib.contextmanager
    def web(self, *, wrapper=(), workers=2, **environment):
        """Web processes as `make up` starts them, answering; gives their address and process."""
        port = free_port()
        words = supervisor._web(f"127.0.0.1:{port}")
        words[words.index("--workers") + 1] = str(workers)
        with self._program([*wrapper, *words], "web", "web", **environment) as process:
            web = Web(self, port, process)
            assert children.wait_until(web.answers, within=READY, every=0.1), self.log("web")
            yield web

    @contextlib.contextmanager
    def crew(self, *kinds: str, app="config", beats=1, **environment):
        """Worker and beat, or what is named, each having given a sign of life."""
        wanted = kinds or ("worker", "beat")
        programs = []
        for kind in wanted:
            self.forget(kind)
        with contextlib.ExitStack() as stack:
            if "worker" in wanted:
                words = _celery(app, "worker", *supervisor._WORKER_OPTIONS)
                programs.append(self._program(words, "worker", "worker", **environment))
            for number in range(beats if "beat" in wanted else 0):
                schedule = str(self.folder / f"beat{number}")
                words = _celery(app, "beat", "--schedule", schedule, "--pidfile", "")
                programs.append(self._program(words, f"beat{number}", "command", **environment))
            processes = [stack.enter_context(program) for program in programs]
            for kind in wanted:
                assert self.has_pulse(kind), self.log("worker") + self.log("beat0")
            yield processes

    def forget(self, kind: str) -> None:
        """Take a program's earlier signs of life away."""
        self.ask("DELETE FROM operations_pulse WHERE kind = %s RETURNING 1", kind)

    def has_pulse(self, kind: str) -> bool:
        """Whether a program of the kind gives a sign of life in time."""
        asked = "SELECT count(*) FROM operations_pulse WHERE kind = %s"
        return children.wait_until(lambda: self.ask(asked, kind) > 0, within=READY, every=0.2)

    def log(self, name: str) -> str:
        """Return the end of a program's log."""
        place = self.folder / f"logs/{name}.log"
        return place.read_text()[-4000:] if place.exists() else ""

    @contextlib.contextmanager
    def _program(self, words, log, role, **environment):
        process = children.start(
            words,
            log=self.folder / f"logs/{log}.log",
            environment={**self.environment, "KAPELL_ROLE": role, **environment},
            folder=home.CHECKOUT,
        )
        try:
            yield process
        finally:
            children.ask_to_end(process)
            children.see_off(process, 15)

    def postmaster(self) -> int:
        """Return the process id of PostgreSQL."""
        return int((self.folder / "postgres/postmaster.pid").read_text().split()[0])

    def kill_postgres(self) -> None:
        """Kill PostgreSQL and all its children at once."""
        postmaster = self.postmaster()
        for pid in [postmaster, *(pid for pid, parent, _ in processes.running()
                                  if parent == postmaster)]:  # fmt: skip
            kill(pid)

    @contextlib.contextmanager
    def orders_midway(self):
        """Hold the shelves until a web process waits for them in a transaction.

        Who is not that far gets over a short outage: the pool waits for a new connection.
        """
        with contextlib.closing(self.connect()) as session:
            session.execute("BEGIN")
            session.execute("LOCK TABLE inventory_stocklevel IN EXCLUSIVE MODE")
            assert children.wait_until(lambda: self.ask(WAITING) > 0, within=10, every=0.01)
            yield

    def redis_pid(self) -> int:
        """Return the process id of the Redis-compatible server."""
        with Redis.from_url(self.environment["REDIS_URL"], socket_timeout=5) as client:
            return int(client.info("server")["process_id"])

    @contextlib.contextmanager
    def without_restarts(self):
        """The keeper sleeps, so what is killed stays away until this ends."""
        keeper = processes.pid_of(self.folder, "config.local.keeper")
        os.kill(keeper, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(keeper, signal.SIGCONT)

    def postgres_answers(self) -> bool:
        """Whether PostgreSQL takes connections."""
        try:
            return bool(self.ask("SELECT 1") == 1)
        except psycopg.Error:
            return False


class Web:
    """Running web processes and what is asked of them."""

    def __init__(self, house: House, port: int, process) -> None:
        self.house = house
        self.port = port
        self.process = process

    def workers(self) -> list[int]:
        """Return the process ids of those that answer."""
        return [pid for pid, parent, _ in processes.running() if parent == self.process.pid]

    def answers(self) -> bool:
        try:
            return bool(self.get("/healthz", patience=5).status_code == 200)
        except httpx.HTTPError:
            return False

    def get(self, path: str, *, patience=30.0, port=0):
        return httpx.get(f"http://127.0.0.1:{port or self.port}{path}", timeout=patience)

    def place(self, reference="", *, sku="", lines=None, patience=30.0, port=0):
        """Post an order, of one unit of the next SKU unless something else is asked for."""
        reference = reference or f"FAULT-{next(_numbers)}"
        wanted = lines or [(sku or next(self.house._skus), 1)]
        return httpx.post(
            f"http://127.0.0.1:{port or self.port}/api/v1/orders/",
            headers={
                "Authorization": f"Bearer {self.house.key}",
                "Idempotency-Key": f"key-{reference}",
            },
            json={
                "reference": reference,
                "currency": "GBP",
                "customer": {"reference": "1", "name": "Ann Example"},
                "shipping_address": {
                    "name": "Ann Example", "line1": "1 High Street", "city": "London",
                    "postal_code": "SW1A 1AA", "country": "GB",
                },
                "lines": [
                    {"sku": one, "quantity": quantity, "unit_price": "10.00", "tax_rate": "20.00"}
                    for one, quantity in wanted
                ],
            },
            timeout=patience,
        )  # fmt: skip


def _celery(app: str, command: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", app, command, *options]


def kill(pid: int) -> None:
    """End a process of ours at once."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Timer:
    """How long something took."""

    def __enter__(self):
        self.began = time.monotonic()
        self.seconds = 0.0
        return self

    def __exit__(self, *_error):
        self.seconds = time.monotonic() - self.began
