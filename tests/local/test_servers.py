import os
import signal
import stat
import time

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from config.local import children, servers
from config.local.errors import LocalError
from config.local.plan import Plan
from tests.local.conftest import pid_of, processes_of, python

JOIN_AND_WAIT = """
import sys, pathlib
from config.local import servers
from config.local.plan import Plan
plan = Plan(throwaway="--throwaway" in sys.argv)
print(servers.join(pathlib.Path(sys.argv[1]), plan).database_url)
sys.stdout.flush()
sys.stdin.read()
"""

pytestmark = pytest.mark.slow


def query(addresses, statement):
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def another_user(home_folder, environment, *words):
    """A second process that uses the home's servers; returns it and the address it was given."""
    process = python("-c", JOIN_AND_WAIT, home_folder, *words, environment=environment, stdin=-1)
    return process, process.stdout.readline().strip()


def end(process):
    process.stdin.close()
    process.wait(20)
    process.stdout.close()
    process.stderr.close()


def test_the_servers_answer_and_the_application_is_no_superuser(home_folder):
    addresses = servers.join(home_folder)

    assert query(
        addresses,
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user",
    ) == [(False, False, False)]
    assert query(addresses, "SELECT current_setting('server_version_num')::int >= 160000") == [
        (True,)
    ]
    assert ("pg_trgm",) in query(addresses, "SELECT extname FROM pg_extension")
    with Redis.from_url(addresses.redis_url) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_nothing_that_holds_a_password_is_readable_by_others(home_folder):
    addresses = servers.join(home_folder)

    modes = {
        place.name: stat.S_IMODE(place.stat().st_mode)
        for place in [*(home_folder / "secrets").iterdir(), home_folder / "redis/server.conf"]
        if place.name != "ports.json"
    }
    passwords = [part.split("@")[0] for part in addresses.database_url.split(":") if "@" in part]
    command_lines = "".join(processes_of(home_folder).values())

    assert set(modes.values()) == {0o600}
    assert passwords
    assert "valkey-server" in command_lines
    assert passwords[0] not in command_lines


def test_leaving_stops_the_servers_and_the_next_start_has_the_data(home_folder):
    addresses = servers.join(home_folder)
    query(addresses, "CREATE TABLE kept AS SELECT 7 AS n")
    with Redis.from_url(addresses.redis_url) as client:
        client.set("kept", "8")

    assert servers.leave(home_folder) is True
    assert children.wait_until(lambda: not processes_of(home_folder), within=10)

    addresses = servers.join(home_folder)
    assert query(addresses, "SELECT n FROM kept") == [(7,)]
    with Redis.from_url(addresses.redis_url) as client:
        assert client.get("kept") == b"8"


def test_the_last_one_out_stops_the_servers(home_folder, clean_environment):
    addresses = servers.join(home_folder)
    other, address = another_user(home_folder, clean_environment)
    assert address == addresses.database_url

    assert servers.leave(home_folder) is False
    assert query(addresses, "SELECT 1") == [(1,)]

    end(other)
    assert children.wait_until(lambda: not processes_of(home_folder), within=20)


def test_a_user_killed_hard_counts_as_gone(home_folder, clean_environment):
    other, _address = another_user(home_folder, clean_environment)
    other.send_signal(signal.SIGKILL)
    end(other)

    assert children.wait_until(lambda: not processes_of(home_folder), within=20)


def test_servers_die_with_a_killed_keeper_and_the_next_start_recovers(home_folder):
    addresses = servers.join(home_folder)
    query(addresses, "CREATE TABLE kept AS SELECT 7 AS n")

    os.kill(pid_of(home_folder, "config.local.keeper"), signal.SIGKILL)
    assert children.wait_until(lambda: not servers.keeper_lock(home_folder).is_taken(), within=5)
    addresses = servers.join(home_folder)

    assert query(addresses, "SELECT n FROM kept") == [(7,)]


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_killed_server_is_started_again_at_its_address(home_folder, name):
    addresses = servers.join(home_folder)
    word = {"postgres": "-D", "redis": "valkey-server"}[name]
    os.kill(pid_of(home_folder, word), signal.SIGKILL)

    def answers():
        try:
            with Redis.from_url(addresses.redis_url) as client:
                return query(addresses, "SELECT 1") == [(1,)] and client.ping()
        except (psycopg.OperationalError, RedisError):
            return False

    time.sleep(0.5)
    assert children.wait_until(answers, within=20, every=0.1)


def test_a_half_made_cluster_is_made_anew(home_folder):
    draft = home_folder / "postgres.draft"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    addresses = servers.join(home_folder)

    assert query(addresses, "SELECT 1") == [(1,)]
    assert not draft.exists()


def test_a_stale_process_file_does_not_stand_in_the_way(home_folder):
    servers.join(home_folder)
    servers.leave(home_folder)
    (home_folder / "postgres/postmaster.pid").write_text(f"{os.getpid()}\nelsewhere\n")

    addresses = servers.join(home_folder)

    assert query(addresses, "SELECT 1") == [(1,)]


def test_data_of_another_version_is_refused_in_one_line(home_folder):
    (home_folder / "postgres").mkdir()
    (home_folder / "postgres/PG_VERSION").write_text("12\n")

    with pytest.raises(LocalError, match=r"was made by PostgreSQL 12, here is \d+"):
        servers.join(home_folder)


def test_a_throwaway_home_vanishes_with_its_user(home_folder, clean_environment):
    other, address = another_user(home_folder, clean_environment, "--throwaway")
    assert address.startswith("postgresql://kapell:")

    other.send_signal(signal.SIGKILL)
    end(other)

    assert children.wait_until(lambda: not home_folder.exists(), within=20)


def test_throwaway_servers_let_the_application_make_databases(home_folder):
    addresses = servers.join(home_folder, Plan(throwaway=True))

    assert query(addresses, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user") == [
        (True,)
    ]
