"""Joining the servers of a home: those that run, or new ones until the last user leaves."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from config.local import home
from config.local.errors import LocalError
from config.local.locks import Lock
from config.local.plan import Plan

READY_WITHIN = 120.0
STOP_WITHIN = 60.0
_held: dict[Path, Lock] = {}


@dataclass(frozen=True)
class Addresses:
    """Where the application reaches its servers; holds passwords, so never print it."""

    database_url: str
    redis_url: str


def join(home_folder: Path, plan: Plan | None = None) -> Addresses:
    """Makes this process a user of the servers until it leaves or dies. Raises LocalError."""
    home.prepare(home_folder)
    if home_folder not in _held:
        lock = users_lock(home_folder)
        if not lock.shared(within=STOP_WITHIN):
            raise LocalError(f"the servers in {home_folder} are still stopping; try again")
        _held[home_folder] = lock
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        addresses = running(home_folder)
        if addresses:
            return addresses
        if not keeper_lock(home_folder).is_taken():
            _start_keeper(home_folder, plan or Plan())
        time.sleep(0.02)
    raise LocalError(f"the servers did not get ready, see {home_folder}/logs")


def leave(home_folder: Path) -> bool:
    """Gives the servers up; True once they stopped, False when others go on using them."""
    lock = _held.pop(home_folder, None)
    if lock is None:
        return False
    lock.release()
    deadline = time.monotonic() + 1
    while _state_file(home_folder).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    keeper = keeper_lock(home_folder)
    stopped = keeper.shared(within=STOP_WITHIN)
    keeper.release()
    return stopped


def running(home_folder: Path) -> Addresses | None:
    """Where the home's servers answer, if a keeper has them ready."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        state = json.loads(_state_file(home_folder).read_text())
        if keeper_lock(home_folder).is_taken():
            return Addresses(**state)
    return None


def announce(home_folder: Path, addresses: Addresses) -> None:
    """The keeper tells the users where the servers are."""
    place = _state_file(home_folder)
    draft = place.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(addresses)))
    draft.rename(place)


def withdraw(home_folder: Path) -> None:
    """The keeper tells that the servers are going."""
    _state_file(home_folder).unlink(missing_ok=True)


def users_lock(home_folder: Path) -> Lock:
    """Held shared by whoever uses the servers, alone by the keeper that stops them."""
    return Lock(home_folder / "secrets/users.lock")


def keeper_lock(home_folder: Path) -> Lock:
    """Held by the one process that owns the servers."""
    return Lock(home_folder / "secrets/keeper.lock")


def _state_file(home_folder: Path) -> Path:
    return home_folder / "secrets/servers.json"


def _start_keeper(home_folder: Path, plan: Plan) -> None:
    """Starts a keeper in its own session (a Ctrl-C is not for it) and waits for its word."""
    arguments = [sys.executable, "-m", "config.local.keeper", str(home_folder)]
    if plan.throwaway:
        arguments.append("--throwaway")
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    with (home_folder / "logs/keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            arguments,
            cwd=home.CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    word = _first_line(keeper, READY_WITHIN)
    if word.startswith("error: "):
        raise LocalError(word.removeprefix("error: "))
    if word not in {"ready", "taken"}:
        raise LocalError(f"the servers did not start, see {home_folder}/logs/keeper.log")


def _first_line(process: subprocess.Popen[bytes], within: float) -> str:
    assert process.stdout is not None  # noqa: S101  (asked for a pipe above)
    readable, _, _ = select.select([process.stdout], [], [], within)
    line = process.stdout.readline() if readable else b""
    process.stdout.close()
    process.returncode = 0  # the keeper outlives this process; nobody waits for it
    return line.decode(errors="replace").strip()
