"""The web's connections: none is handed out dead, nobody waits long for a server that is gone."""

import os
import time

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from config.postgresql.pool import IMPATIENT, Pool


@pytest.fixture
def pool():
    with Pool(conninfo=os.environ["DATABASE_URL"], min_size=1, max_size=4, timeout=3) as pool:
        yield pool


def filled(pool):
    """Four idle connections; return the processes that serve them."""
    sessions = [pool.getconn() for _ in range(4)]
    served_by = [session.info.backend_pid for session in sessions]
    for session in sessions:
        pool.putconn(session)
    return served_by


def test_after_a_restart_no_caller_meets_a_dead_connection(pool):
    old = filled(pool)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        for pid in old:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    for _ in range(8):
        with pool.connection() as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
            assert session.info.backend_pid not in old


def test_a_live_connection_is_kept(pool):
    old = filled(pool)

    with pool.connection() as session:
        session.execute("NOTIFY unheard")
        assert session.info.backend_pid in old
    with pool.connection() as session:
        session.execute("LISTEN heard")
        session.execute("NOTIFY heard")  # leaves something to read, which is no farewell
    assert sorted(filled(pool)) == sorted(old)


def test_while_the_server_is_gone_only_the_first_caller_waits():
    with Pool(
        conninfo="postgresql://nobody@127.0.0.1:1/x", min_size=1, max_size=4, timeout=1.5
    ) as pool:
        with pytest.raises(PoolTimeout):
            pool.getconn()
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(PoolTimeout):
                pool.getconn()

        assert time.monotonic() - began < 3 * IMPATIENT + 3  # not three times the whole timeout
