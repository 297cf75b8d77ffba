import os
import re
import signal
import socket

import httpx
import psycopg
import pytest

from config.local import children, servers
from config.local.locks import Lock
from tests.local.conftest import child_of, processes_of, python

UP = ("-m", "config.local.up")


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(clean_environment, port):
    return {**clean_environment, "PORT": str(port), "KAPELL_DEMO": "0"}


def refusal(environment, status=1):
    """What a start that cannot succeed says: one line on standard error."""
    process = python(*UP, environment=environment)
    _said, complaint = process.communicate(timeout=60)
    assert process.returncode == status
    assert complaint.count("\n") == 1, complaint
    return complaint.strip()


def test_a_taken_port_is_told_in_one_line(environment):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = str(listener.getsockname()[1])

        said = refusal({**environment, "PORT": taken})

    assert said == f"kapell: port {taken} on 127.0.0.1 is taken; set PORT to another"


def test_a_port_that_is_no_number_is_told_in_one_line(environment):
    said = refusal({**environment, "PORT": "http"})

    assert said == "kapell: PORT must be a number below 65536, not http"


def test_a_database_out_of_reach_is_told_in_one_line(environment, port):
    url = f"postgresql://me:hidden@127.0.0.1:{port}/kapell"

    said = refusal({**environment, "DATABASE_URL": url})

    assert said.startswith("kapell: DATABASE_URL cannot be reached: ")
    assert said.endswith("Connection refused")


def test_a_home_that_cannot_be_written_is_told_in_one_line(environment, tmp_path):
    (tmp_path / "file").write_text("")

    said = refusal({**environment, "KAPELL_HOME": str(tmp_path / "file/home")})

    assert said.startswith(f"kapell: cannot write to {tmp_path}/file/home (Not a directory)")


def test_a_second_start_in_the_same_home_is_refused(environment, home_folder):
    (home_folder / "secrets").mkdir()
    lock = Lock(home_folder / "secrets/up.lock")
    assert lock.exclusively()

    said = refusal(environment)

    lock.release()
    assert said == f"kapell: already running in {home_folder}"


class Running:
    """A started system: what it printed until it was ready."""

    def __init__(self, environment):
        self.process = python(*UP, environment=environment)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if "the data is kept" in line:
                return
        raise AssertionError("".join(self.lines) + self.process.stderr.read())

    @property
    def address(self):
        return re.search(r"is running\s+(\S+)", "".join(self.lines)).group(1)

    def answers(self, path="healthz"):
        try:
            return httpx.get(self.address + path, timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        rest, complaint = self.process.communicate(timeout=90)
        return rest, complaint


@pytest.mark.slow
@pytest.mark.flow
def test_a_system_starts_survives_a_killed_web_server_and_stops_in_order(environment, home_folder):
    system = Running(environment)
    assert re.search(r"Staff login +admin +\S{16}\n", "".join(system.lines))
    assert children.wait_until(lambda: system.answers("readyz"), within=60, every=0.2)
    assert system.answers("admin/login/")

    os.kill(child_of(system.process.pid, "gunicorn"), signal.SIGKILL)
    assert children.wait_until(lambda: not system.answers(), within=10)
    assert children.wait_until(system.answers, within=60, every=0.2)

    rest, complaint = system.end()

    assert system.process.returncode == 0, complaint
    assert rest.endswith("kapell: stopped, the data is kept\n")
    assert "Traceback" not in complaint
    assert not processes_of(home_folder)


@pytest.mark.slow
@pytest.mark.flow
def test_a_system_killed_hard_starts_again_with_its_data(environment, home_folder):
    system = Running(environment)
    addresses = servers.running(home_folder)
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    system.end(signal.SIGKILL)

    again = Running(environment)

    addresses = servers.running(home_folder)
    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    assert again.answers()
    again.end(signal.SIGTERM)
    assert again.process.returncode == 0
