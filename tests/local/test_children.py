import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.local import children
from config.local.errors import LocalError

STUBBORN = (
    "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)
PARENT = """
import pathlib, sys, time
from config.local import children
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = children.start(sleep, log=pathlib.Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""


def gone(pid):
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def test_a_child_that_does_not_listen_is_killed_in_time(tmp_path):
    log = tmp_path / "log"
    child = children.start([sys.executable, "-c", STUBBORN], log=log)
    assert children.wait_until(lambda: log.read_text() == "1\n", within=10)

    started = time.monotonic()
    children.stop(child, patience=0.3)

    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - started < 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends orphans")
def test_a_child_ends_when_its_parent_is_killed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert children.wait_until(lambda: gone(child), within=5)


def test_roots_servers_run_as_somebody_else(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    identity = children.unprivileged()

    assert identity is not None
    assert identity.uid != 0


def test_a_user_without_a_name_is_told_so(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 987_654)

    with pytest.raises(LocalError, match="user id 987654 has no name"):
        children.unprivileged()


def test_any_other_user_stays_who_he_is(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 65_534)
    assert children.unprivileged() is None


def test_waiting_gives_up():
    assert children.wait_until(lambda: False, within=0.05) is False
    assert children.wait_until(lambda: os.getpid() > 0, within=0) is True
