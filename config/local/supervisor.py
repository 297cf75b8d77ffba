"""Runs web, worker and beat as children: starts, watches, restarts and stops them in order."""

import http.client
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.local import children, home
from config.local.errors import LocalError

READY_WITHIN = 60.0
LOOPBACK = "127.0.0.1"
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  (only compared)
PATIENCE = {"web": 15.0, "worker": 20.0, "beat": 5.0}
RESTARTS = 5
RESTARTS_WITHIN = 60.0
MEMORY = Path("/dev/shm")  # noqa: S108  (a heartbeat file there costs no disk)
STOPPED_IN_THIS_ORDER = ({"web"}, {"worker", "beat"})


@dataclass
class Child:
    """One program, how it is started and when it was."""

    name: str
    role: str
    arguments: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))


class Supervisor:
    """The three programs of a running system."""

    def __init__(
        self, *, environment: Mapping[str, str], home_folder: Path, host: str, port: int
    ) -> None:
        self.environment = environment
        self.home = home_folder
        self.port = port
        self.shown_host = LOOPBACK if host in EVERYWHERE else host
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.children = [
            self._child("web", "web", _web(bind)),
            self._child("worker", "worker", _celery("worker", *_WORKER_OPTIONS)),
            self._child("beat", "command", _celery("beat", *self._beat_options())),
        ]

    @property
    def address(self) -> str:
        """What to type into a browser."""
        host = f"[{self.shown_host}]" if ":" in self.shown_host else self.shown_host
        return f"http://{host}:{self.port}/"

    def start(self) -> None:
        """The web answers 200 on /healthz and the others are started. Raises LocalError."""
        web, *others = self.children
        self._start(web)
        if not children.wait_until(self._answers, within=READY_WITHIN, every=0.1):
            raise LocalError(f"the web server does not answer, see {web.log}")
        for child in others:
            self._start(child)

    def watch(self) -> None:
        """Starts again what died, until interrupted. Raises LocalError when that does not help."""
        while True:
            time.sleep(0.5)
            for child in self.children:
                if child.process is not None and child.process.poll() is not None:
                    _say(f"{child.name} ended ({child.process.returncode}), starting it again")
                    self._start(child)

    def stop(self) -> None:
        """Web first, then worker and beat together; each in a bounded time."""
        running = {child.name: child.process for child in self.children if child.process}
        for names in STOPPED_IN_THIS_ORDER:
            for name in names & running.keys():
                children.ask_to_end(running[name])
            for name in names & running.keys():
                children.see_off(running[name], PATIENCE[name])

    def _child(self, name: str, role: str, arguments: list[str]) -> Child:
        return Child(name, role, arguments, self.home / "logs" / f"{name}.log")

    def _start(self, child: Child) -> None:
        now = time.monotonic()
        if len(child.starts) == RESTARTS and now - child.starts[0] < RESTARTS_WITHIN:
            raise LocalError(f"{child.name} keeps ending, see {child.log}")
        child.starts.append(now)
        if child.process is not None:
            children.kill_group(child.process)
        child.process = children.start(
            child.arguments,
            log=child.log,
            environment={**self.environment, "KAPELL_ROLE": child.role},
            folder=home.CHECKOUT,
        )

    def _answers(self) -> bool:
        web = self.children[0].process
        if web is not None and web.poll() is not None:
            raise LocalError(f"the web server ended at once, see {self.children[0].log}")
        connection = http.client.HTTPConnection(self.shown_host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _beat_options(self) -> list[str]:
        return ["--schedule", str(self.home / "beat"), "--pidfile", "", "--loglevel", "INFO"]


_WORKER_OPTIONS = [
    "--concurrency",
    "3",  # one may be waiting for receivers of webhooks
    "--without-mingle",
    "--without-gossip",
    "--loglevel",
    "INFO",
]


def _web(bind: str) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", bind,
        "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--preload",
        "--no-control-socket",
        "--graceful-timeout", "10", "--timeout", "60", "--keep-alive", "5",
        *(["--worker-tmp-dir", str(MEMORY)] if os.access(MEMORY, os.W_OK) else []),
    ]  # fmt: skip


def _celery(command: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config", command, *options]


def _say(line: str) -> None:
    print(f"kapell: {line}", flush=True)  # noqa: T201
