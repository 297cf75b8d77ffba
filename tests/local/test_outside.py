import os
import socket

import pytest

from config.local import outside
from config.local.errors import LocalError


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_free_port_is_accepted(closed_port):
    outside.require_free_port("127.0.0.1", closed_port)


def test_a_taken_port_is_named(taken_port):
    with pytest.raises(LocalError, match=f"port {taken_port} on 127.0.0.1 is taken; set PORT"):
        outside.require_free_port("127.0.0.1", taken_port)


def test_servers_that_answer_are_accepted():
    outside.require_servers(
        database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"]
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgresql://me:hidden@127.0.0.1:{closed}/x",
            "DATABASE_URL cannot be reached: .*refused",
        ),
        ("postgresql://me:hidden@no-such-host.invalid/x", "DATABASE_URL cannot be reached: "),
        ("mysql://me:hidden@127.0.0.1/x", "DATABASE_URL must look like postgresql://"),
        ("what is this", "DATABASE_URL must look like postgresql://"),
    ],
)
def test_an_unusable_database_is_told_in_one_line(closed_port, url, message):
    with pytest.raises(LocalError, match=message) as refusal:
        outside.require_servers(
            database_url=url.format(closed=closed_port), redis_url=os.environ["REDIS_URL"]
        )
    assert "\n" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_wrong_database_password_is_told_in_one_line():
    url = os.environ["DATABASE_URL"].replace("postgresql://kapell:", "postgresql://kapell:wrong")
    with pytest.raises(LocalError, match="password authentication failed") as refusal:
        outside.require_servers(database_url=url, redis_url=os.environ["REDIS_URL"])
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("redis://:hidden@127.0.0.1:{closed}/0", "REDIS_URL cannot be reached: .*refused"),
        ("http://127.0.0.1/", "REDIS_URL cannot be reached: Redis URL must specify"),
    ],
)
def test_an_unusable_redis_is_told_in_one_line(closed_port, url, message):
    with pytest.raises(LocalError, match=message) as refusal:
        outside.require_servers(
            database_url=os.environ["DATABASE_URL"], redis_url=url.format(closed=closed_port)
        )
    assert "hidden" not in str(refusal.value)


def test_a_wrong_redis_password_is_told():
    url = os.environ["REDIS_URL"].replace("redis://:", "redis://:wrong")
    with pytest.raises(LocalError, match="REDIS_URL is refused: wrong user or password"):
        outside.require_servers(database_url=os.environ["DATABASE_URL"], redis_url=url)
