"""The marketplace's own SKUs, some mapped and some not yet, and orders that failed to come in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from config.kernel import errors, money
from config.kernel.callers import Caller, ChannelFacts
from config.kernel.scopes import USUAL
from fulfillment.demo import sales
from fulfillment.demo.sales import Document
from fulfillment.demo.story import DAYS, Story
from orders.models import FailedOrder
from orders.services import failures, intake, mappings
from orders.services.mappings import Part

MARKET, WEB = "MARKET", "WEB"
GIFT_BOX = "MP-GIFT-BOX"
WAITING = 7  # orders for packs that nobody has mapped yet
FIXED = 3  # of the currency that was switched on too late


def plan(story: Story) -> None:
    """Map three SKUs, sell them, leave two more unmapped, and let some orders fail lately."""
    end = story.began + timedelta(days=DAYS)
    story.plan(story.began, lambda _at: _map(story))
    for day in range(1, DAYS, 2):
        story.plan(story.began + timedelta(days=day, hours=15), _sold(story, day))
    for number in range(WAITING):
        story.plan(end - timedelta(hours=26 - 3 * number), _unmapped(story, number))
    for number in range(FIXED):
        story.plan(end - timedelta(hours=40 - number), _failing(story, _in_dollars))
    for place, spoil in enumerate((_without_quantity, _with_a_typo, _without_lines, _in_dollars)):
        story.plan(end - timedelta(hours=9 - 2 * place), _failing(story, spoil))
    story.plan(end - timedelta(hours=30), lambda at: _tidy_up(story, at))


def _map(story: Story) -> None:
    alias, pack, first, second = (article.product for article in story.till.goods[:4])
    channel_id = story.company.channels[MARKET].pk
    mappings.add(channel_id=channel_id, sku=f"MP-{alias.sku}", parts=[Part(alias.pk)])
    mappings.add(channel_id=channel_id, sku=f"{pack.sku}-3PK", parts=[Part(pack.pk, 3)])
    mappings.add(
        channel_id=channel_id,
        sku=GIFT_BOX,
        parts=[Part(first.pk, 1, Decimal(60)), Part(second.pk, 2, Decimal(40))],
        checks_price=False,
    )


def _sold(story: Story, day: int) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        alias, pack, first, second = story.till.goods[:4]
        box = {code: first.prices[code] + 2 * second.prices[code] for code in first.prices}
        sku, units, worth = (
            (f"MP-{alias.product.sku}", 1, alias.prices),
            (f"{pack.product.sku}-3PK", 3, pack.prices),
            (GIFT_BOX, 1, box),
        )[day % 3]
        order = story.document(MARKET, at)
        price = worth[order["currency"]] * units
        story.place(MARKET, _of(order, sku, price, "Marketplace offer"), at)

    return step


def _unmapped(story: Story, number: int) -> Callable[[datetime], None]:
    """Packs the marketplace began to list before anybody told what they are."""

    def step(at: datetime) -> None:
        article = story.till.goods[5 if number % 3 else 8]
        order = story.document(MARKET, at)
        price = article.prices[order["currency"]] * 6
        said = f"{article.product.name}, pack of 6"
        story.place(MARKET, _of(order, f"{article.product.sku}-6PK", price, said), at)

    return step


def _of(order: Document, sku: str, price: Decimal, description: str) -> Document:
    first, *others = order["lines"]
    asked = money.quantize(price, order["currency"])
    line = first | {
        "sku": sku, "quantity": 1, "unit_price": str(asked), "description": description
    }  # fmt: skip
    return sales.pay(order | {"lines": [line, *others], "payments": []}, "marketplace", "paid")


def _failing(story: Story, spoil: Callable[[Document], Document]) -> Callable[[datetime], None]:
    def step(at: datetime) -> None:
        channel = ChannelFacts.of(story.company.channels[WEB])
        caller = Caller(channel.id, channel, frozenset(USUAL), None)
        try:
            intake.receive(
                document=spoil(story.document(WEB, at)), header=None, caller=caller, at=at
            )
        except errors.Invalid:
            return

    return step


def _in_dollars(order: Document) -> Document:
    """The shop opened a market that the sales channel does not take."""
    return order | {"currency": "USD"}


def _without_quantity(order: Document) -> Document:
    """The shop's new version sends nothing where it sold out while people paid."""
    first, *others = order["lines"]
    return order | {"lines": [first | {"quantity": 0}, *others]}


def _with_a_typo(order: Document) -> Document:
    """Somebody configured the export by hand."""
    return order | {"shiping_method": order.get("shipping_method", ""), "gift": True}


def _without_lines(order: Document) -> Document:
    """Nothing but shipping."""
    return order | {"lines": []}


def _tidy_up(story: Story, at: datetime) -> None:
    """One was sent by mistake; one is corrected by hand and placed."""
    mistaken, corrected = FailedOrder.objects.order_by("first_at")[:2]
    staff = story.staff("sales")
    failures.dismiss(failed_id=mistaken.pk, reason="The shop's own test", actor=staff, at=at)
    document = intake.contents(corrected) | {"currency": "GBP", "payments": []}
    intake.retry(failed_id=corrected.pk, document=document, actor=staff, at=at)
