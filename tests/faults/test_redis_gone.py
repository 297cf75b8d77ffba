"""Faults 7, 8 and 9: Redis is stopped, hangs, is emptied, and hands work out twice."""

import contextlib
import os
import re
import signal
import statistics
import time

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError

from config.local import children
from tests.faults.house import PASSWORD, Timer, kill, saw
from tests.faults.test_postgres_gone import Load

EXTRA = 1.2  # seconds an order may take longer without Redis
SLACK = 3.0


def usual(web):
    """How long an order takes as a rule, and the slowest of some."""
    seconds = []
    for _ in range(5):
        with Timer() as timer:
            assert web.place().status_code == 201
        seconds.append(timer.seconds)
    return statistics.median(seconds), max(seconds)


def sign_in(web):
    """Sign in at the console; return the client."""
    client = httpx.Client(base_url=f"http://127.0.0.1:{web.port}", timeout=30)
    page = client.get("/admin/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    answer = client.post(
        "/admin/login/",
        data={"csrfmiddlewaretoken": token, "username": "admin", "password": PASSWORD,
              "next": "/admin/"},
    )  # fmt: skip
    assert answer.status_code == 302, answer.text[:500]
    return client


@contextlib.contextmanager
def stopped(house):
    with house.without_restarts():
        kill(house.redis_pid())
        yield


@contextlib.contextmanager
def hanging(house):
    pid = house.redis_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("crew")
@pytest.mark.parametrize("away", [stopped, hanging])
def test_without_redis_orders_are_taken_and_the_console_works(house, web, away):
    before, _ = usual(web)
    with away(house):
        without, slowest = usual(web)
        with contextlib.closing(sign_in(web)) as client:
            assert client.get("/admin/").status_code == 200
            assert client.get("/admin/orders/order/").status_code == 200
        found, _status = house.doctor()
        assert found["redis"]["state"] == "failed"

    assert without - before < EXTRA + SLACK
    with Timer() as timer:
        assert house.drained(within=60 + 30)
    assert children.wait_until(lambda: is_answering(house), within=30, every=0.1)
    saw(f"an order took {before:.2f} s with Redis, {without:.2f} s ({slowest:.2f} s at most) "
        f"without; what was left was done in {timer.seconds:.1f} s")  # fmt: skip


def is_answering(house):
    try:
        with Redis.from_url(house.environment["REDIS_URL"], socket_timeout=2) as client:
            return client.ping()
    except RedisError:
        return False


@pytest.mark.usefixtures("crew")
def test_emptied_under_load_loses_nothing_and_does_nothing_twice(house, web):
    with Load(web) as load, Redis.from_url(house.environment["REDIS_URL"]) as client:
        for _ in range(4):
            time.sleep(0.7)
            client.flushall()

    acknowledged = load.acknowledged()
    assert set(load.statuses()) == {201}
    assert house.drained()
    with house.connect() as session:
        states = session.execute(
            "SELECT d.state, count(*) FROM kernel_delivery d JOIN kernel_event e"
            " ON e.id = d.event_id GROUP BY 1"
        ).fetchall()
        placed = session.execute(
            "SELECT count(*), count(DISTINCT reference) FROM orders_order"
            " WHERE reference = ANY(%s)", [acknowledged],
        ).fetchone()  # fmt: skip
    assert {state for state, _ in states} <= {"done"}
    assert placed == (len(acknowledged), len(acknowledged))
    assert house.manage("reconcile").stdout == "no differences\n"
    saw(f"{len(acknowledged)} orders while Redis was emptied four times, every event handled once")


@pytest.mark.usefixtures("nobody")
def test_work_handed_out_twice_is_done_once(house, web):
    slow = {"DJANGO_SETTINGS_MODULE": "tests.faults.slow_settings"}
    with house.connect() as session:
        session.execute("CREATE TABLE slow_effect (event_id uuid)")
        session.execute("CREATE TABLE slow_run (task_id text)")
    with Redis.from_url(house.environment["REDIS_URL"]) as client:
        client.flushall()
    with house.crew("worker", **slow):
        order = web.place()
        assert order.status_code == 201
        assert children.wait_until(
            lambda: house.ask("SELECT count(*) FROM slow_run") > 1, within=60, every=0.2
        )
        assert house.drained()

    with house.connect() as session:
        effects = session.execute("SELECT count(*) FROM slow_effect").fetchone()[0]
        runs = session.execute(
            "SELECT max(n) FROM (SELECT count(*) n FROM slow_run GROUP BY task_id) r"
        ).fetchone()[0]
        session.execute("DROP TABLE slow_effect, slow_run")
    assert runs > 1
    assert effects == 1
    saw(f"the queue handed the same task out {runs} times; it had one effect")
