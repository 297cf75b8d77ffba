"""A mapping is saved while orders with its SKU pour in: each goes on, each is counted once."""

from collections.abc import Iterator

import pytest

from config.kernel import callers
from inventory.queries import calendars
from orders import tasks
from orders.models import Hold, Order, ProductMapping
from orders.services import mappings, stock_checks
from orders.services.mappings import Part
from tests.factories.orders import Shop, counters, document, line
from tests.threads import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
THREADS, EACH = 8, 15


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:  # noqa: ARG001 - real transactions
    callers.forget()
    calendars.forget()
    yield Shop()
    callers.forget()
    calendars.forget()


def test_no_order_stays_on_hold_for_ever(shop: Shop) -> None:
    level = shop.put("MUG", 3000)
    early = [shop.place(line("MUG-3PK")) for _ in range(40)]

    def sell() -> list[int]:
        return [shop.post(document(line("MUG-3PK"), line("MUG"))).status_code for _ in range(EACH)]

    def save() -> None:
        mappings.add(channel_id=shop.channel.pk, sku="MUG-3PK", parts=[Part(level.product_id, 3)])
        tasks.recognise_products()

    *sold, nothing = at_once(*[sell] * THREADS, save, patience=120)
    assert nothing is None
    assert sold == [[201] * EACH] * THREADS
    # an order that looked before the mapping was there is let go by the sweep, twice at once
    at_once(tasks.recognise_products, tasks.recognise_products, patience=120)

    assert Hold.objects.filter(status="open").count() == 0
    assert Order.objects.filter(is_held=True).count() == 0
    assert counters(level) == (3000, 0, 3 * len(early) + 4 * THREADS * EACH)
    assert stock_checks.find() == []
    mapping = ProductMapping.objects.get()
    assert (mapping.went_on >= len(early), mapping.waits) == (True, {})
    sets = Order.objects.filter(lines__set_quantity=1).distinct().count()
    assert sets == len(early) + THREADS * EACH
