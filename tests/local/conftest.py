"""Homes and processes of their own for the tests of the embedded servers."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from config.local import children, home, servers

INHERITED = ("DATABASE_URL", "REDIS_URL", "KAPELL_HOME", "DJANGO_SETTINGS_MODULE", "KAPELL_ROLE")


@pytest.fixture
def home_folder():
    """An empty home the servers' user can reach; whatever runs in it is ended afterwards."""
    open_place = None if home.is_open(Path(tempfile.gettempdir())) else "/var/tmp"
    folder = Path(tempfile.mkdtemp(prefix="kapell-home-", dir=open_place))
    folder.chmod(0o711)
    yield folder
    servers.leave(folder)
    for pid in processes_of(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    children.wait_until(lambda: not processes_of(folder), within=10)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clean_environment(home_folder):
    """What a person's shell would hand to `make up` with that home."""
    kept = {name: value for name, value in os.environ.items() if name not in INHERITED}
    kept = {name: value for name, value in kept.items() if not name.startswith(("COV_", "PYTEST"))}
    return {**kept, "KAPELL_HOME": str(home_folder)}


def running():
    """Every process: its id, its parent's, its command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(") ")[2].split()[1])
            found.append((int(entry.name), parent, (entry / "cmdline").read_text()))
    return found


def processes_of(folder):
    """The processes that name the folder on their command line, with their children, without us."""
    everybody = running()
    named = {pid for pid, _, command in everybody if str(folder) in command} - {os.getpid()}
    return {
        pid: command
        for pid, parent, command in everybody
        if command and (pid in named or parent in named)
    }


def pid_of(folder, word):
    """The first process of that home whose command line holds the word."""
    return min(pid for pid, command in processes_of(folder).items() if word in command)


def child_of(parent, word):
    """The first child of that process whose command line holds the word."""
    return min(pid for pid, above, command in running() if above == parent and word in command)


def python(*words, environment, **options):
    """Starts Python with these words in the checkout and catches what it says."""
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=home.CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
