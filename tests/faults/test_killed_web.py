"""Faults 1 and 2: a web process is killed before and after it committed."""

import threading

import httpx
import pytest

from config.local import children
from tests.faults.house import kill, saw
from tests.faults.proxy import Proxy

RESERVED = (
    "SELECT reserved FROM inventory_stocklevel l JOIN inventory_product p ON p.id = l.product_id"
    " WHERE p.sku = %s"
)
PLACED = "SELECT count(*) FROM orders_order WHERE reference = %s"
LOCKED_OUT = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE application_name = 'kapell-web' AND wait_event_type = 'Lock'"
)


def attempt(web, reference, outcome, **how):
    def run():
        try:
            outcome.append(web.place(reference, **how))
        except httpx.HTTPError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_killed_before_the_commit_leaves_no_trace(house, web):
    before = house.ask(RESERVED, "F-1")
    outcome = []
    with house.connect() as holder:
        holder.execute("BEGIN")
        holder.execute(
            "SELECT 1 FROM inventory_stocklevel l JOIN inventory_product p ON p.id = l.product_id"
            " WHERE p.sku = 'F-1' FOR UPDATE OF l"
        )
        thread = attempt(web, "KILLED-1", outcome, sku="F-1")
        assert children.wait_until(lambda: house.ask(LOCKED_OUT) > 0, within=10, every=0.01)
        for pid in web.workers():
            kill(pid)
        thread.join(30)
        holder.execute("ROLLBACK")

    assert isinstance(outcome[0], httpx.HTTPError)
    assert children.wait_until(web.answers, within=60, every=0.1)
    assert house.ask(PLACED, "KILLED-1") == 0
    assert house.ask(RESERVED, "F-1") == before

    again = web.place("KILLED-1", sku="F-1")

    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again.headers
    assert house.ask(RESERVED, "F-1") == before + 1
    saw(f"the client saw {type(outcome[0]).__name__}, its retry {again.status_code}")


@pytest.mark.usefixtures("crew")
def test_killed_after_the_commit_the_retry_gets_the_first_answer(house, web):
    outcome = []
    with Proxy(web.port) as proxy:

        def kill_instead(_piece):
            for pid in web.workers():
                kill(pid)
            return True

        proxy.drop_when = kill_instead
        attempt(web, "KILLED-2", outcome, sku="F-2", port=proxy.port).join(30)

        assert isinstance(outcome[0], httpx.HTTPError)
        assert house.ask(PLACED, "KILLED-2") == 1
        assert children.wait_until(web.answers, within=60, every=0.1)
        again = web.place("KILLED-2", sku="F-2")
        assert house.drained(within=20)

    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert house.ask(PLACED, "KILLED-2") == 1
    assert again.json()["number"] == house.ask(
        "SELECT number FROM orders_order WHERE reference = 'KILLED-2'"
    )
    saw(f"the client saw {type(outcome[0]).__name__}; the retry was answered as the first time")
