"""Corrects where an order goes, and lets it go on when the address holds."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from config.kernel import commands, folding, ids
from config.kernel.actors import Actor
from customers import addresses
from customers.addresses import Checked
from orders.errors import AlreadyShipped
from orders.models import Hold, Order
from orders.services import holds, progress
from orders.services.progress import Happened
from orders.states import HoldKind, HoldStatus

MOST_ALIKE = 50


@commands.command
def correct(*, order_id: UUID, address: Mapping[str, str], actor: Actor, at: datetime) -> Checked:
    """Replace the shipping address, check it, and lift or refresh the hold; return the check.

    Raises `AlreadyShipped` once units have left. Locks the order.
    """
    progress.lock([order_id])
    order = Order.objects.get(pk=order_id)
    if order.lines.filter(shipped__gt=0).exists():
        raise AlreadyShipped
    checked = addresses.check(address)
    text = checked.address
    name = text["name"] or text["company"]
    Order.objects.filter(pk=order_id).update(
        shipping_address=text,
        ship_name=name,
        name_key=folding.key(name, 200),
        ship_country=text["country"] if addresses.is_country(text["country"]) else "",
        postcode_key=addresses.postal_key(text["postal_code"]),
    )
    happened = Happened(order_id, "order.address_corrected")
    progress.record(happened=[happened], actor=actor, command_id=ids.new(), at=at)
    _hold(order_id, checked, actor, at)
    return checked


def alike(*, order_id: UUID) -> list[UUID]:
    """Return the other orders of the channel that are held for the very same address."""
    order = Order.objects.get(pk=order_id)
    held = Hold.objects.filter(kind=HoldKind.ADDRESS, status=HoldStatus.OPEN)
    same = Order.objects.not_finished().filter(
        channel=order.channel_id,
        customer=order.customer_id,
        email_key=order.email_key,
        shipping_address=order.shipping_address,
        pk__in=held.values("order_id"),
    )
    return list(same.exclude(pk=order_id).order_by("pk").values_list("pk", flat=True)[:MOST_ALIKE])


def _hold(order_id: UUID, checked: Checked, actor: Actor, at: datetime) -> None:
    if checked.ok:
        holds.lift(kind=HoldKind.ADDRESS, order_ids=[order_id], reason="", actor=actor, at=at)
        return
    problems = [{"field": one.field, "code": one.code} for one in checked.problems]
    held = Hold.objects.filter(order=order_id, kind=HoldKind.ADDRESS, status=HoldStatus.OPEN)
    if not held.update(params={"problems": problems}):
        holds.place(
            order_ids=[order_id], kind=HoldKind.ADDRESS, params={"problems": problems},
            actor=actor, at=at,
        )  # fmt: skip
