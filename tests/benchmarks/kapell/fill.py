"""Fills Kapell for the benchmark and opens its doors: a program, run once under its settings.

    python -m tests.benchmarks.kapell.fill ORDERS

Says as one JSON object the keys of two channels (BENCH backorders, HOT refuses) and the cookie of a
staff session.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402

from config.kernel import channels, clock, keys  # noqa: E402
from config.kernel.models import Channel, User  # noqa: E402
from customers import addresses  # noqa: E402
from customers.services import addresses as address_book  # noqa: E402
from customers.services import identity  # noqa: E402
from tests.benchmarks.kapell import bodies  # noqa: E402

NUMBERS = range(1, bodies.CUSTOMERS + 1)


def main(orders: int) -> None:
    bench, _ = channels.ensure(code="BENCH", name="Benchmark", currencies=["GBP"])
    hot, _ = channels.ensure(code="HOT", name="Hot", currencies=["GBP"])
    Channel.objects.filter(pk=hot.pk).update(shortage_policy=Channel.Shortage.REFUSE)
    # One key does the work of many: it is counted like any other, and never stopped.
    Channel.objects.update(requests_per_minute=10_000_000)
    _fill_customers(bench)
    _fill_orders(orders)
    doors = {
        "bench": keys.create(channel=bench, name="benchmark")[1],
        "hot": keys.create(channel=hot, name="benchmark")[1],
        "cookie": f"{settings.SESSION_COOKIE_NAME}={_session()}",
    }
    sys.stdout.write(json.dumps(doors))


def _fill_customers(channel: Channel) -> None:
    givens = [identity.given(country="GB", **bodies.customer(number)) for number in NUMBERS]
    found = identity.identify_many(channel_id=channel.pk, givens=givens, at=clock.now())
    rows = [
        address_book.address_row(customer_id, addresses.check(bodies.address(number)), clock.now())
        for number, customer_id in zip(NUMBERS, found, strict=True)
        if customer_id
    ]
    address_book.remember(rows=rows)


def _fill_orders(orders: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bench.orders', %s, false)", [str(orders)])
        cursor.execute("SET work_mem = '256MB'; SET plan_cache_mode = auto")
        cursor.execute(Path(__file__).with_name("fill.sql").read_text())
        cursor.execute("VACUUM ANALYZE")


def _session() -> str:
    user = User.objects.create_superuser("benchmark", "", "only-for-the-benchmark")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))
