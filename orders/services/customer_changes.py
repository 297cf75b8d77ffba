"""Orders follow what happens to their customer: merged, blocked."""

from datetime import datetime
from uuid import UUID

from config.kernel import commands
from config.kernel.actors import Actor
from customers.models import Customer
from orders.models import Order
from orders.services import holds
from orders.states import HoldKind


@commands.command
def follow_merge(*, duplicate_id: UUID, survivor_id: UUID, at: datetime) -> int:
    """Move every order of a merged customer to the one that stays; return how many moved."""
    return Order.objects.filter(customer=duplicate_id).update(customer=survivor_id, updated_at=at)


def hold_blocked(*, customer_id: UUID, actor: Actor, at: datetime) -> int:
    """Put a blocked customer's open orders on hold; return how many were not yet."""
    customer = Customer.objects.filter(pk=customer_id, is_blocked=True).first()
    if customer is None:
        return 0
    orders = Order.objects.not_finished().filter(customer=customer)
    return holds.place(
        order_ids=list(orders.values_list("pk", flat=True)),
        kind=HoldKind.BLOCKED_CUSTOMER,
        params={"reason": customer.blocked_reason},
        actor=actor,
        at=at,
    )
