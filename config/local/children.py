"""Child processes that never outlive their parent and stop in a bounded time."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.errors import LocalError

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Identity:
    """The user a server runs as when we are root."""

    uid: int
    gid: int

    def own(self, *places: Path) -> None:
        """Hands the files and folders over."""
        for place in places:
            os.chown(place, self.uid, self.gid)


def unprivileged() -> Identity | None:
    """Whom root's servers run as; any other user keeps his name. Raises LocalError without one."""
    if os.geteuid() != 0:
        _require_a_name(os.geteuid())
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(entry.pw_uid, entry.pw_gid)
    raise LocalError("root needs a user named postgres or nobody for the servers; set DATABASE_URL")


def _require_a_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        message = f"user id {uid} has no name, so PostgreSQL will not start; set DATABASE_URL"
        raise LocalError(message) from None


def start(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    identity: Identity | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path = Path("/"),
    when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts a child in its own group that gets `when_orphaned` when this process dies.

    The call must come from the main thread: the kernel ties the child to the thread that forked.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment if environment is not None else os.environ),
            cwd=folder,
            process_group=0,
            preexec_fn=_tie_to(os.getpid(), when_orphaned),  # noqa: PLW1509  (no threads that fork)
            user=identity.uid if identity else None,
            group=identity.gid if identity else None,
            extra_groups=[] if identity else None,
        )


def run(
    arguments: Sequence[str | Path],
    *,
    identity: Identity | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a short command as that user and returns what it said."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=dict(environment if environment is not None else os.environ),
        cwd="/",
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
        extra_groups=[] if identity else None,
    )


def stop(
    process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM, patience: float = 15
) -> None:
    """Asks the child to end; after `patience` seconds its whole group is killed."""
    ask_to_end(process, number)
    see_off(process, patience)


def ask_to_end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """Sends the signal unless the child is gone."""
    if process.poll() is None:
        process.send_signal(number)


def see_off(process: subprocess.Popen[bytes], patience: float) -> None:
    """Waits for the end of a child that was asked to; after `patience` its group is killed."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills the child's group, so that no grandchild keeps its port."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], *, within: float, every: float = 0.02) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _tie_to(parent: int, number: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(number))
            if os.getppid() != parent:
                os._exit(1)

    return tie
