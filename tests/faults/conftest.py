"""One house for all faults of a worker; each test leaves its servers running as it found them."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config.local import children, home, servers
from tests.faults.house import House, kill
from tests.local.conftest import INHERITED, processes_of


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.flow)


@pytest.fixture(scope="session")
def _house(tmp_path_factory):
    open_place = None if home.is_open(Path(tempfile.gettempdir())) else "/var/tmp"
    folder = Path(tempfile.mkdtemp(prefix="kapell-faults-", dir=open_place))
    folder.chmod(0o711)
    kept = {name: value for name, value in os.environ.items() if name not in INHERITED}
    kept = {name: value for name, value in kept.items() if not name.startswith(("COV_", "PYTEST"))}
    try:
        house = House(folder, kept)
        house.prepare(tmp_path_factory.mktemp("faults"))
        yield house
    finally:
        servers.leave(folder)
        for pid in processes_of(folder):
            kill(pid)
        children.wait_until(lambda: not processes_of(folder), within=10)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(_house):
    """Return the house with its servers up."""
    assert children.wait_until(_house.postgres_answers, within=60, every=0.1)
    return _house


@pytest.fixture(scope="session")
def _web(_house):
    with _house.web() as web:
        yield web


@pytest.fixture
def web(house, _web):  # noqa: ARG001 - the servers first
    """Return running web processes; those a test before killed are back."""
    assert children.wait_until(_web.answers, within=60, every=0.1)
    return _web


class Crew:
    """A worker and a beat that stay up from test to test, until a test wants them away."""

    def __init__(self, house):
        self.house = house
        self.stack = None
        self.processes = []

    def start(self):
        if self.stack is None or any(one.poll() is not None for one in self.processes):
            self.stop()
            self.stack = contextlib.ExitStack()
            self.processes = self.stack.enter_context(self.house.crew())
        return self

    def stop(self):
        if self.stack is not None:
            self.stack.close()
            self.stack = None


@pytest.fixture(scope="session")
def _crew(_house):
    crew = Crew(_house)
    yield crew
    crew.stop()


@pytest.fixture
def crew(house, _crew):  # noqa: ARG001 - the servers first
    """Return a worker and a beat at work."""
    return _crew.start()


@pytest.fixture
def nobody(house, _crew):  # noqa: ARG001 - the servers first
    """See to it that neither worker nor beat runs."""
    _crew.stop()
