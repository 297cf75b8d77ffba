"""An ordinary day: orders at all hours, money later, vans at three, deliveries twice a week."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from config.kernel import ids
from fulfillment.demo import stock
from fulfillment.demo.story import DAYS, SYSTEM, Story
from fulfillment.services import dispatch
from inventory.services import low_stock
from orders.errors import AlreadyShipped, Held, NothingToCancel, NothingToShip
from orders.models import Order, OrderLine
from orders.services import backorders, cancellation, future_orders, payments
from orders.services.cancellation import Part
from orders.states import OrderStatus, TenderStatus

# Orders a day, Monday first, and who sells how many of a hundred.
A_DAY = (16, 14, 14, 15, 17, 11, 10)
MIX = {"WEB": 62, "MARKET": 20, "TRADE": 10, "DESK": 8}
# Vans between warehouses, days ago; the last ones are still on the road.
VANS = ((21, "NORTH"), (14, "NORTH"), (7, "SOUTH"), (1.6, "NORTH"), (1.2, "SOUTH"), (0.6, "NORTH"))
ON_THE_ROAD = timedelta(days=2)
REASONS = ("Ordered twice by mistake", "Found it cheaper", "Takes too long", "Wrong colour")


def plan(story: Story) -> None:
    """Write the days into the agenda."""
    for day in range(DAYS + 1):
        midnight = story.began + timedelta(days=day)
        for _ in range(A_DAY[midnight.weekday()]):
            minutes = story.dice.triangular(60, 1400, 1080)
            story.plan(midnight + timedelta(minutes=minutes), lambda at: _order(story, at))
        if midnight.weekday() < 5:
            story.plan(midnight + timedelta(hours=15), lambda at: _despatch(story, at))
        story.plan(midnight + timedelta(hours=5), _allocate_for_later)
        story.plan(midnight + timedelta(hours=6), _watch_stock)
        if midnight.weekday() in {1, 3}:
            story.plan(midnight + timedelta(hours=10), lambda at: _replenish(story, at))

    for days, destination in VANS:
        _plan_van(story, story.now - timedelta(days=days), destination)


def _plan_van(story: Story, sent_at: datetime, destination: str) -> None:
    def send(at: datetime) -> None:
        transfer = stock.send(story.shelves, "MAIN", destination, wanda, at)
        story.plan(at + ON_THE_ROAD, lambda later: stock.take_in(transfer, wanda, later))

    wanda = story.staff("warehouse")
    story.plan(sent_at, send)


def _order(story: Story, at: datetime) -> None:
    (code,) = story.dice.choices(list(MIX), weights=list(MIX.values()))
    document = story.document(code, at)
    if story.dice.random() < 0.03:
        document |= {"ship_not_before": (at + timedelta(days=9)).date().isoformat()}
    order = story.place(code, document, at)
    if order is None:
        return
    if story.dice.random() < 0.05:
        story.plan(at + timedelta(hours=3), lambda later: _cancel(story, order, later))
    wait = timedelta(days=10) if code == "TRADE" else timedelta(days=1, hours=2)
    if story.dice.random() < 0.7:
        story.plan(at + wait, lambda later: _pay(story, order, later))


def _pay(story: Story, order: Order, at: datetime) -> None:
    """What is owed arrives, in full or in part."""
    order.refresh_from_db()
    owed = order.total_amount - order.paid_amount
    if owed <= 0 or order.status == OrderStatus.CANCELLED:
        return
    payments.record(
        order_id=order.pk,
        method="card" if order.authorized_amount else "bank_transfer",
        status=TenderStatus.PAID,
        amount=owed,
        reference=f"IN-{order.number}",
        actor=story.staff("finance"),
        at=at,
    )


def _cancel(story: Story, order: Order, at: datetime) -> None:
    """All of it, or one unit of the first line with several."""
    lines = OrderLine.objects.filter(order=order, ordered__gt=1, parent_line=None).order_by(
        "position"
    )
    part = lines.first() if story.dice.random() < 0.4 else None
    try:
        cancellation.cancel(
            order_id=order.pk,
            parts=[Part(part.pk, 1)] if part else None,
            reason=story.dice.choice(REASONS),
            actor=story.staff("sales"),
            at=at,
        )
    except (AlreadyShipped, NothingToCancel):
        return


def _allocate_for_later(at: datetime) -> None:
    future_orders.sweep(actor=SYSTEM, at=at)


def _watch_stock(at: datetime) -> None:
    low_stock.sweep(at=at)


def _despatch(story: Story, at: datetime) -> None:
    """The vans take what is ready; of the last two days some is still being picked."""
    ready = (
        Order.objects.not_finished()
        .filter(is_held=False, lines__reserved__gt=0, created_at__lt=at - timedelta(hours=2))
        .filter(Q(ship_not_before=None) | Q(ship_not_before__lte=at.date()))
        .exclude(ship_complete=True, is_short=True)
    )
    share = 0.45 if at > story.now - timedelta(days=2) else 0.96
    for order_id in ready.values_list("pk", flat=True).distinct().order_by("pk"):
        if story.dice.random() < share:
            _ship(story, order_id, at)


def _ship(story: Story, order_id: UUID, at: datetime) -> None:
    try:
        dispatch.ship_at_once(
            order_id=order_id, command_id=ids.new(), actor=story.staff("warehouse"), at=at
        )
    except (Held, NothingToShip):
        return


def _replenish(story: Story, at: datetime) -> None:
    code = story.dice.choice(("MAIN", "MAIN", "NORTH", "SOUTH"))
    products = stock.replenish(story.shelves, code, 14, story.staff("warehouse"), at)
    backorders.fill(product_ids=products, actor=SYSTEM, at=at)
