"""Faults 5 and 6: PostgreSQL is killed under load, stopped for a while, out of connections."""

import contextlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from config.local import children
from tests.faults.house import Timer, free_port, saw

SLACK = 5.0  # seconds a busy machine may add to a limit


class Load:
    """Clients that place orders one after the other and keep what they were told."""

    def __init__(self, web, clients=4):
        self.web = web
        self.over = threading.Event()
        self.told = []  # (reference, status, seconds)
        self.threads = [threading.Thread(target=self._run, args=[n]) for n in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _run(self, client):
        number = 0
        while not self.over.is_set():
            number += 1
            reference = f"LOAD-{id(self)}-{client}-{number}"
            with Timer() as timer:
                try:
                    status = self.web.place(reference).status_code
                except httpx.HTTPError as error:
                    status = type(error).__name__
            self.told.append((reference, status, timer.seconds))
            if status != 201:
                time.sleep(0.1)

    def statuses(self):
        return Counter(status for _, status, _ in self.told)

    def acknowledged(self):
        return [reference for reference, status, _ in self.told if status == 201]

    def slowest(self):
        return max(seconds for _, _, seconds in self.told)


def placed(house, references):
    with house.connect() as session:
        found = session.execute(
            "SELECT reference, count(*) FROM orders_order WHERE reference = ANY(%s) GROUP BY 1",
            [references],
        ).fetchall()
    return dict(found)


@pytest.mark.usefixtures("crew")
def test_killed_three_times_under_load_loses_nothing_it_acknowledged(house, web):
    recoveries = []
    with Load(web) as load:
        for moment in (contextlib.nullcontext, contextlib.nullcontext, house.orders_midway):
            time.sleep(1.5)
            with moment():
                house.kill_postgres()
            assert children.wait_until(house.postgres_answers, within=60, every=0.05)
            with Timer() as timer:
                back = children.wait_until(
                    lambda: web.place().status_code == 201, within=30, every=0.1
                )
            assert back
            recoveries.append(timer.seconds)
        time.sleep(0.5)

    acknowledged = load.acknowledged()
    assert placed(house, acknowledged) == dict.fromkeys(acknowledged, 1)
    assert set(load.statuses()) <= {201, 503}
    assert load.statuses()[503] > 0
    assert load.slowest() < 5 + SLACK
    assert max(recoveries) < 10 + SLACK
    assert house.drained()
    assert house.manage("reconcile").stdout == "no differences\n"
    saw(f"{dict(load.statuses())}, the slowest {load.slowest():.1f} s, orders again "
        f"{max(recoveries):.1f} s after PostgreSQL")  # fmt: skip


@pytest.mark.usefixtures("crew")
def test_stopped_everything_says_so_and_comes_back_by_itself(house, web):
    workers = web.workers()
    with house.without_restarts():
        house.kill_postgres()
        with ThreadPoolExecutor(16) as clients, Timer() as timer:
            answers = list(clients.map(lambda _: web.place(), range(16)))
        told = Counter(answer.status_code for answer in answers)
        health, page = web.get("/healthz"), web.get("/admin/login/")

        assert told == {503: 16}
        assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
        assert (health.status_code, health.json()["checks"]) == (503, {"database": False})
        assert page.status_code in {200, 503}
        assert timer.seconds < 10 + SLACK
        found, status = house.doctor()
        assert (found["database"]["state"], status) == ("failed", 1)

    assert children.wait_until(house.postgres_answers, within=60, every=0.05)
    with Timer() as again:
        assert children.wait_until(lambda: web.place().status_code == 201, within=30, every=0.1)
    assert again.seconds < 10 + SLACK
    assert web.workers() == workers
    assert house.drained()
    saw(
        f"16 clients got 503 within {timer.seconds:.1f} s; orders again after {again.seconds:.1f} s"
    )


def test_out_of_connections_is_busy_not_broken(house, web):
    with house.connect(superuser=True) as admin:
        admin.execute("ALTER ROLE kapell CONNECTION LIMIT 0")
        try:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'kapell'"
            )
            answer = web.place()
            health = web.get("/healthz")
        finally:
            admin.execute("ALTER ROLE kapell CONNECTION LIMIT -1")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert health.status_code == 503
    with Timer() as again:
        assert children.wait_until(lambda: web.place().status_code == 201, within=30, every=0.1)
    assert again.seconds < 10 + SLACK
    saw(f"503 while there were none, orders again {again.seconds:.1f} s later")


def test_an_address_where_nothing_listens_is_told_by_the_doctor(house):
    url = house.environment["DATABASE_URL"]
    port = url.rpartition(":")[2].partition("/")[0]

    found, status = house.doctor(DATABASE_URL=url.replace(f":{port}/", f":{free_port()}/"))

    assert status == 1
    assert found["database"]["said"].startswith("PostgreSQL does not answer: connection")
    assert "DATABASE_URL" in found["database"]["remedy"]
