"""What orders does a moment after something happened elsewhere; every handler may run twice."""

from uuid import UUID

from config.kernel import clock, events, wakeup
from config.kernel.actors import Actor
from config.kernel.models import Event
from inventory.services import shortfalls
from orders.services import (
    backorders,
    customer_changes,
    mappings,
    rechecks,
    recognition,
    shortages,
)

SYSTEM = Actor.system("Kapell")

shortfalls.let_orders_wait(shortages.make_room)


@events.subscribe("stock.gained", "order.allocation_lost")
def fill_backorders(event: Event) -> None:
    """Give what came in, or what other warehouses have, to the orders that wait for it."""
    product = UUID(event.payload["product_id"])
    backorders.fill(product_ids=[product], actor=SYSTEM, at=clock.now())


@events.subscribe("stock.gained_many")
def fill_many_backorders(event: Event) -> None:
    """Give what a count of many bins brought to light to the orders that wait for it."""
    products = [UUID(key) for key in event.payload["product_ids"]]
    backorders.fill(product_ids=products, actor=SYSTEM, at=clock.now())


@events.subscribe("customer.merged")
def follow_merge(event: Event) -> None:
    """Move the orders of a merged customer to the one that stays."""
    customer_changes.follow_merge(
        duplicate_id=UUID(event.payload["duplicate"]),
        survivor_id=UUID(event.payload["survivor"]),
        at=clock.now(),
    )


@events.subscribe("customer.blocked")
def hold_blocked(event: Event) -> None:
    """Put the open orders of a blocked customer on hold."""
    customer_changes.hold_blocked(customer_id=event.aggregate_id, actor=SYSTEM, at=clock.now())


@events.subscribe("customer.unblocked")
def release_unblocked(event: Event) -> None:
    """Let the orders of a customer go on who is blocked no more."""
    rechecks.blocked(customer_ids=[event.aggregate_id], actor=SYSTEM, at=clock.now())


@events.subscribe("product.changed")
def map_unknown(event: Event) -> None:
    """Let orders go on that waited for a SKU to become known, in a task that works in batches."""
    if recognition.waiting(product_ids=[event.aggregate_id]):
        wakeup.send(mappings.RECOGNISE)


@events.subscribe("product.changed_many")
def map_many_unknown(event: Event) -> None:
    """Let orders go on that waited for SKUs that a file made known."""
    if recognition.waiting(product_ids=[UUID(key) for key in event.payload["product_ids"]]):
        wakeup.send(mappings.RECOGNISE)
