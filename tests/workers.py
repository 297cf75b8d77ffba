"""Runs a real Celery worker on the test's database and queue, and kills it the hard way."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from config.local import children
from tests.architecture.code import ROOT

PATIENCE = 60.0


@contextlib.contextmanager
def running(log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker of one process; it is gone when the block ends."""
    arguments = [
        sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "1",
        "--without-mingle", "--without-gossip", "--loglevel", "INFO", *options,
    ]  # fmt: skip
    url = urlsplit(os.environ["DATABASE_URL"])
    own = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {**os.environ, "DATABASE_URL": own, "KAPELL_ROLE": "worker"}
    worker = children.start(arguments, log=log, environment=environment, folder=ROOT)
    try:
        yield worker
    finally:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its children without a word, as the kernel does when memory is short."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(PATIENCE)


def wait(wanted: Callable[[], bool], log: Path) -> None:
    """Wait until something is so; the worker's log is shown when it never is."""
    ends = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < ends, log.read_text()[-4000:]
        time.sleep(0.02)
