"""What is wrong with some orders: each cause of a hold several times, some put right again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from config.kernel.actors import Actor
from customers.services import blocking
from fulfillment.demo import customers, sales
from fulfillment.demo.sales import Document
from fulfillment.demo.story import DAYS, SYSTEM, Story
from inventory.services import products
from orders.models import Hold, Order, OrderLine
from orders.services import holds, rechecks, recognition
from orders.states import HoldStatus

EACH = 6
PUT_RIGHT = 2  # of each
WRONG: tuple[tuple[str, Callable[[Document], Document]], ...] = (
    ("WEB", sales.wrong_address),
    ("WEB", sales.unknown_sku),
    ("WEB", sales.risky),
    ("WEB", sales.mistaken_price),
    ("WEB", sales.wrong_total),
    ("MARKET", sales.unpaid),
    ("WEB", sales.half_paid),
)
BLOCKED_BUYERS = (("WEB", 3), ("WEB", 4), ("WEB", 5), ("TRADE", 12))
KEPT_SHORT = (3, 7, 11, 15)  # trade customers with a small limit
WHY_RELEASED = (
    "Spoke to the customer",
    "Address confirmed by phone",
    "Agreed with the manager",
    "Shop corrected it",
)
WHY_HELD = ("Customer wants to add something", "Check the engraving", "Waiting for a call back")


def plan(story: Story) -> None:
    """Spread the odd orders over the month, the last ones over the last days."""
    for kind, (code, spoil) in enumerate(WRONG):
        for number in range(EACH):
            story.plan(_moment(story, kind, number), _spoiled(story, code, spoil, number))
    for number in range(EACH):
        story.plan(_moment(story, 7, number), _of_blocked(story, number))
        story.plan(_moment(story, 8, number), _beyond_credit(story, number))
        story.plan(_moment(story, 9, number), _short(story, number))
        story.plan(_moment(story, 10, number), _twice(story, number))
        story.plan(_moment(story, 11, number), _held_by_hand(story, number))
        story.plan(_moment(story, 12, number), _tried_out(story))
    end = story.began + timedelta(days=DAYS)
    story.plan(end - timedelta(days=3), lambda at: _unblock(story, at))
    story.plan(end - timedelta(days=2), lambda at: _make_known(story, at))


def _moment(story: Story, kind: int, number: int) -> datetime:
    """Later ones closer to today: they are still open."""
    days = DAYS - 1.5 - (EACH - 1 - number) ** 1.8
    return story.began + timedelta(days=days, hours=9, minutes=23 * kind + number)


def _spoiled(
    story: Story, code: str, spoil: Callable[[Document], Document], number: int
) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        buyer = story.dice.choice(story.regulars(code))
        order = story.place(code, spoil(story.document(code, at, buyer)), at)
        _put_right_later(story, order, number, at)

    return step


def _of_blocked(story: Story, number: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        code, place = BLOCKED_BUYERS[number % len(BLOCKED_BUYERS)]
        story.place(code, story.document(code, at, story.buyers[code][place]), at)

    return step


def _beyond_credit(story: Story, number: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        buyer = story.buyers["TRADE"][KEPT_SHORT[number % len(KEPT_SHORT)]]
        document = story.document("TRADE", at, buyer) | {"payments": []}
        order = story.place("TRADE", document, at)
        _put_right_later(story, order, number, at)

    return step


def _short(story: Story, number: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        scarce = {product.pk for product in story.shelves.scarce()}
        article = [one for one in story.till.goods if one.product.pk in scarce][number]
        document = sales.of_scarce_goods(story.document("TRADE", at), article)
        story.place("TRADE", document, at)

    return step


def _twice(story: Story, number: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        document = story.document("DESK", at)
        while story.place("DESK", document, at) is None:
            document = story.document("DESK", at)
        later = at + timedelta(minutes=40)
        twin = sales.again(document, story.till.reference("DESK"))
        story.plan(later, lambda then: _put_right_later(
            story, story.place("DESK", twin, then), number, then
        ))  # fmt: skip

    return step


def _held_by_hand(story: Story, number: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        order = story.place("WEB", story.document("WEB", at), at)
        if order is None:
            return
        holds.place(
            order_ids=[order.pk],
            reason=WHY_HELD[number % len(WHY_HELD)],
            remind_on=(story.now + timedelta(days=number - 4)).date(),
            actor=story.staff("sales"),
            at=at + timedelta(minutes=30),
        )
        _put_right_later(story, order, number, at + timedelta(hours=1))

    return step


def _tried_out(story: Story) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        buyer = story.dice.choice(story.regulars("WEB"))
        story.place("SANDBOX", sales.retail(story.till, "SANDBOX", buyer, at), at)

    return step


def _put_right_later(story: Story, order: Order | None, number: int, at: datetime) -> None:
    if order is not None and number < PUT_RIGHT:
        story.plan(at + timedelta(hours=26), lambda then: _release(story, order, number, then))


def _release(story: Story, order: Order, number: int, at: datetime) -> None:
    actor: Actor = story.staff("finance" if number % 2 else "sales")
    for hold in Hold.objects.filter(order=order, status=HoldStatus.OPEN).order_by("pk"):
        why = WHY_RELEASED[len(hold.kind) % len(WHY_RELEASED)]
        holds.release(hold_id=hold.pk, reason=why, actor=actor, at=at)


def _unblock(story: Story, at: datetime) -> None:
    code, place = BLOCKED_BUYERS[0]
    customer = customers.known(story, code, place)
    blocking.unblock(customer=customer, actor=story.staff("finance"), at=at)
    rechecks.blocked(customer_ids=[customer.pk], actor=SYSTEM, at=at)


def _make_known(story: Story, at: datetime) -> None:
    """Two of the unknown articles are added, and their orders go on by themselves."""
    unknown = OrderLine.objects.filter(product=None, set_quantity=None).order_by("pk")[:PUT_RIGHT]
    for line in unknown:
        product = products.create(
            sku=line.sku, name="Discontinued article", actor=story.staff("manager"), at=at
        )
        recognition.recognise(product_ids=[product.pk], actor=SYSTEM, at=at)
