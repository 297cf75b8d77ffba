"""Records what was paid for an order; facts, so a correction is another record."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from config.kernel import commands, ids
from config.kernel.actors import Actor
from orders.models import Order, Payment
from orders.services import holds, progress
from orders.services.progress import Happened
from orders.states import HoldKind, TenderStatus


@commands.command
def record(
    *,
    order_id: UUID,
    method: str,
    status: str,
    amount: Decimal,
    reference: str = "",
    actor: Actor,
    at: datetime,
) -> Payment:
    """Add a tender in the order's currency and let an order go on that waited for it.

    The same method, status and reference again is the same payment and changes nothing. Locks the
    order.
    """
    progress.lock([order_id])
    told = Payment.objects.filter(order=order_id, method=method, status=status)
    if reference and (earlier := told.filter(reference=reference).first()):
        return earlier
    payment = Payment.objects.create(
        order_id=order_id,
        method=method,
        status=status,
        amount=amount,
        reference=reference,
        recorded_at=at,
    )
    orders = Order.objects.filter(pk=order_id)
    if status == TenderStatus.PAID:
        orders.update(paid_amount=F("paid_amount") + amount)
    elif status == TenderStatus.AUTHORIZED:
        orders.update(authorized_amount=F("authorized_amount") + amount)
    happened = Happened(order_id, "order.payment_recorded", {"method": method, "status": status})
    progress.record(happened=[happened], actor=actor, command_id=ids.new(), at=at)
    order = orders.get()
    if order.paid_amount + order.authorized_amount >= order.total_amount:
        holds.lift(kind=HoldKind.PAYMENT, order_ids=[order_id], reason="", actor=actor, at=at)
    return payment
