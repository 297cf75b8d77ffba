"""What the floor is asked."""

import json
import random
import time

from tests.benchmarks.load import Call

SHIP_TO = {
    "name": "Ann Example",
    "line1": "1 High Street",
    "city": "Springfield",
    "postcode": "12345",
    "country": "US",
}
HOT = 1001
DAYS = 60
SINCE = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - DAYS * 86400))


def order(chance: random.Random) -> Call:
    """Three lines among a thousand SKUs."""
    skus = chance.sample(range(1, 1001), 3)
    return _place(chance, [{"sku": sku, "qty": chance.randint(1, 3)} for sku in skus])


def hot_order(chance: random.Random) -> Call:
    """One unit of the hot SKU."""
    return _place(chance, [{"sku": HOT, "qty": 1}])


def page(_chance: random.Random) -> Call:
    return Call("GET", f"/list?status=confirmed&since={SINCE}")


def detail(chance: random.Random, orders: int) -> Call:
    return Call("GET", f"/detail/{chance.randint(1, orders)}")


def _place(chance: random.Random, lines: list[dict[str, int]]) -> Call:
    body = {"customer": chance.randint(1, 5000), "ship_to": SHIP_TO, "lines": lines}
    return Call("POST", "/f2", json.dumps(body).encode())
