"""What channels send in the benchmark: customers, addresses, orders of any size."""

import itertools
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.benchmarks.load import Call, Flow

CUSTOMERS = 5_000
SKUS = 1_000
_run = f"{time.time_ns():x}"
_counter = itertools.count(1)


def customer(number: int) -> dict[str, str]:
    return {
        "reference": f"C{number:05d}",
        "name": f"Customer {number}",
        "email": f"c{number}@example.test",
    }


def address(number: int) -> dict[str, str]:
    return {
        "name": f"Customer {number}",
        "line1": f"{number} High Street",
        "city": "London",
        "postal_code": f"SW{1 + number % 9}A {1 + number % 8}AA",
        "country": "GB",
    }


def price(sku: int) -> str:
    """The list price that the tables were filled with."""
    cents = 500 + sku * 37 % 9000 if sku <= SKUS else 999
    return f"{cents // 100}.{cents % 100:02d}"


def sku(number: int) -> str:
    return f"SKU-{number:05d}" if number <= SKUS else f"HOT-{number - SKUS}"


def line(number: int, quantity: int) -> dict[str, Any]:
    return {
        "sku": sku(number),
        "quantity": quantity,
        "unit_price": price(number),
        "tax_rate": "20.00",
    }


def order(number: int, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An order nobody has sent before."""
    return {
        "reference": f"B-{_run}-{next(_counter)}",
        "currency": "GBP",
        "customer": customer(number),
        "shipping_address": address(number),
        "shipping_method": "standard",
        "shipping_amount": "4.95",
        "shipping_tax_rate": "20.00",
        "lines": lines,
        "payments": [{"method": "card", "status": "authorized", "amount": "10.00"}],
    }


def placing(key: str, choose: Callable[[random.Random], list[dict[str, Any]]]) -> Flow:
    """Orders of random customers with the lines chosen, each under an idempotency key."""

    def flow(chance: random.Random) -> Call:
        body = order(chance.randint(1, CUSTOMERS), choose(chance))
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": body["reference"]}
        return Call("POST", "/api/v1/orders/", json.dumps(body).encode(), headers)

    return flow


def of_lines(count: int) -> Callable[[random.Random], list[dict[str, Any]]]:
    """So many different SKUs, one to three units each."""

    def choose(chance: random.Random) -> list[dict[str, Any]]:
        chosen = chance.sample(range(1, SKUS + 1), count)
        return [line(number, chance.randint(1, 3)) for number in chosen]

    return choose


def adverse(chance: random.Random) -> list[dict[str, Any]]:
    """Five of the same ten SKUs in any order, one of them twice."""
    chosen = chance.sample(range(1, 11), 5)
    return [line(number, 1) for number in (*chosen, chosen[0])]


def hot(number: int) -> Callable[[random.Random], list[dict[str, Any]]]:
    """One unit of one hot SKU."""
    return lambda _chance: [line(SKUS + number, 1)]
