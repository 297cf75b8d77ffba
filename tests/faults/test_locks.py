"""Faults 11 and 15: a cut wire, a held row, a deadlock, and a schema change amid the day's work."""

import subprocess
import sys
import threading
from urllib.parse import urlsplit

import httpx

from config.local import children, home
from tests.faults.house import Timer, saw
from tests.faults.proxy import Proxy

LEVEL = (
    "SELECT l.id FROM inventory_stocklevel l JOIN inventory_product p ON p.id = l.product_id"
    " WHERE p.sku = %s"
)
HOLD = "SELECT 1 FROM inventory_stocklevel WHERE id = %s FOR UPDATE"
LOCKED_OUT = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE application_name = 'kapell-web' AND wait_event_type = 'Lock'"
)
PLACED = "SELECT count(*) FROM orders_order WHERE reference = %s"


def meanwhile(call):
    """Run a call in a thread; return the thread and where its outcome will stand."""
    outcome = []

    def run():
        try:
            outcome.append(call())
        except httpx.HTTPError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_a_cut_wire_in_a_transaction_frees_its_locks(house):
    url = urlsplit(house.environment["DATABASE_URL"])
    with Proxy(url.port) as wire:
        through = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{wire.port}")).geturl()
        with house.web(workers=1, DATABASE_URL=through) as web:
            assert web.place(sku="F-3").status_code == 201
            wire.swallow_when = lambda piece: b"COMMIT" in piece
            thread, outcome = meanwhile(lambda: web.place("CUT-1", sku="F-3", patience=60))
            assert wire.dark.wait(20)
            level = house.ask(LEVEL, "F-3")
            with Timer() as timer, house.connect() as other:
                other.execute("SET lock_timeout = '40s'")
                other.execute(HOLD, [level])
            assert house.ask(PLACED, "CUT-1") == 0
            wire.heal()
            thread.join(60)
            again = web.place("CUT-1", sku="F-3")

    assert timer.seconds < 15 + 10
    assert isinstance(outcome[0], httpx.HTTPError) or outcome[0].status_code == 503
    assert again.status_code == 201
    assert house.ask(PLACED, "CUT-1") == 1
    saw(f"the row was free after {timer.seconds:.1f} s, the retry got {again.status_code}")


def test_behind_a_held_row_others_are_told_soon(house, web):
    level = house.ask(LEVEL, "F-4")
    with house.connect() as admin:
        admin.execute("BEGIN")
        admin.execute(HOLD, [level])
        with Timer() as timer:
            answer = web.place("HELD-1", sku="F-4")
        admin.execute("ROLLBACK")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert "Retry-After" in answer.headers
    assert 1.9 < timer.seconds < 5 + 5
    assert web.place("HELD-1", sku="F-4").status_code == 201
    saw(f"503 after {timer.seconds:.1f} s while the row was held")


def test_a_deadlock_is_retried_unseen(house, web):
    first, second = sorted((house.ask(LEVEL, "F-5"), house.ask(LEVEL, "F-6")))
    before = deadlocks(house)
    with house.connect(superuser=True) as admin:
        admin.execute("SET deadlock_timeout = '30s'")
        admin.execute("BEGIN")
        admin.execute(HOLD, [second])
        thread, outcome = meanwhile(lambda: web.place("DEAD-1", lines=[("F-5", 1), ("F-6", 1)]))
        assert children.wait_until(lambda: house.ask(LOCKED_OUT) > 0, within=10, every=0.01)
        admin.execute(HOLD, [first])  # given once the order's transaction was chosen and undone
        admin.execute("ROLLBACK")
        thread.join(30)

    assert outcome[0].status_code == 201
    assert house.ask(PLACED, "DEAD-1") == 1
    assert children.wait_until(lambda: deadlocks(house) > before, within=10, every=0.1)
    saw(f"a deadlock, and the client got {outcome[0].status_code}")


def deadlocks(house):
    return house.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def test_a_migration_gives_way_and_tries_again(house, web):
    with house.connect() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT 1 FROM orders_order LIMIT 1")
        process = subprocess.Popen(
            [sys.executable, "-c", MIGRATE],
            cwd=home.CHECKOUT,
            env={**house.environment, "DJANGO_SETTINGS_MODULE": "tests.faults.slow_settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said = b""
        while b"trying again" not in said:
            piece = process.stdout.read1(4096)
            assert piece, said
            said += piece
        placed = children.wait_until(
            lambda: web.place("MIGRATING").status_code == 201, within=30, every=0.2
        )
        reader.execute("ROLLBACK")
        process.communicate(timeout=120)

    assert placed
    assert process.returncode == 0
    with house.connect() as session:
        session.execute("ALTER TABLE orders_order DROP COLUMN late")
        session.execute("DELETE FROM django_migrations WHERE app = 'late'")
    saw("the migration gave way, orders went on, and it was done once the table was free")


MIGRATE = """
import django
django.setup()
from config.kernel.management.commands.furnish import Command
Command()._migrate()
"""
