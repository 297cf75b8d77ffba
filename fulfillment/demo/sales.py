"""What customers order: documents as sales channels send them, ordinary ones and odd ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from config.kernel import contracts, money
from fulfillment.demo.catalogue import Article
from fulfillment.demo.people import Buyer
from orders.contract import OrderIn
from orders.services import drafting

Document = dict[str, Any]
PACKS = (6, 6, 12, 12, 24)
TRADE_DISCOUNT = Decimal("0.72")
NOTES = (
    "",
    "",
    "",
    "",
    "Please leave with a neighbour.",
    "Ring the bell twice.",
    "No rush at all.",
)
GIFTS = ("", "", "", "", "", "Happy birthday, Mum!", "Congratulations on the new house.")
METHODS = ("standard", "standard", "standard", "express")
PRIORITIES = ("normal",) * 12 + ("high", "high", "low", "urgent")


@dataclass(slots=True)
class Till:
    """Writes orders; popular articles come first in `goods`."""

    dice: Random
    goods: Sequence[Article]
    charges: Sequence[Article]
    numbers: dict[str, int] = field(default_factory=dict)

    def reference(self, channel: str) -> str:
        """Return the next reference of the channel; far from those people try by hand."""
        self.numbers[channel] = self.numbers.get(channel, 2_600_000) + 1
        return f"{channel}-{self.numbers[channel]}"

    def choose(self, number: int) -> list[Article]:
        """Return different articles, popular ones more often."""
        last = len(self.goods) - 1
        chosen: dict[int, Article] = {}
        while len(chosen) < number:
            place = min(int(self.dice.expovariate(4 / last)), last)
            chosen[place] = self.goods[place]
        return list(chosen.values())


def retail(till: Till, channel: str, buyer: Buyer, at: datetime) -> Document:
    """Return what a private person orders: a few things, prices with tax, paid by card."""
    dice = till.dice
    lines = [
        _line(article, buyer, dice.choices((1, 2, 3, 4, 6), (50, 25, 8, 10, 7))[0], Decimal(1))
        for article in till.choose(dice.choices((1, 2, 3, 4, 5), (34, 28, 20, 12, 6))[0])
    ]
    if dice.random() < 0.08:
        lines.append(_line(till.charges[1], buyer, 1, Decimal(1)))
    order = _order(till, channel, buyer, at, lines) | {
        "shipping_amount": "4.95",
        "shipping_tax_rate": _tax_rate(buyer),
        "shipping_method": dice.choice(METHODS),
        "priority": dice.choice(PRIORITIES),
        "gift_message": dice.choice(GIFTS),
        "note": dice.choice(NOTES),
    }
    if dice.random() < 0.1:
        order |= {"discount_amount": "2.00", "metadata": {"voucher": "WELCOME"}}
    status = dice.choices(("paid", "authorized", "pending"), (80, 14, 6))[0]
    return pay(order, "card", status)


def market(till: Till, channel: str, buyer: Buyer, at: datetime) -> Document:
    """Return a marketplace's order: paid to the marketplace, which collects the tax."""
    order = retail(till, channel, buyer, at) | {"payments": [], "discount_amount": "0.00"}
    order |= {"tax_collected_by": "marketplace", "deliver_by": (at + timedelta(days=5)).isoformat()}
    return pay(order, "marketplace", "paid")


def trade(till: Till, channel: str, buyer: Buyer, at: datetime) -> Document:
    """Return what a shop orders: packs at trade prices without tax, on account."""
    dice = till.dice
    lines = [
        _line(article, buyer, dice.choice(PACKS), TRADE_DISCOUNT)
        for article in till.choose(dice.randrange(3, 9))
    ]
    order = _order(till, channel, buyer, at, lines) | {
        "prices_include_tax": False,
        "customer_order_number": f"PO-{dice.randrange(1000, 9999)}",
        "shipping_amount": "12.00",
        "shipping_tax_rate": _tax_rate(buyer),
        "shipping_method": "pallet" if len(lines) > 6 else "standard",
        "ship_complete": dice.random() < 0.2,
    }
    return pay(order, "bank_transfer", "paid", Decimal("0.5")) if dice.random() < 0.15 else order


def counter(till: Till, channel: str, buyer: Buyer, at: datetime) -> Document:
    """Return what is ordered by phone and paid at once."""
    order = retail(till, channel, buyer, at) | {"payments": [], "discount_amount": "0.00"}
    return pay(order, "card", "paid")


def pay(order: Document, method: str, status: str, share: Decimal = Decimal(1)) -> Document:
    """Return the order with a tender for its total, or for a share of it."""
    asked = contracts.check(OrderIn, order)
    total = drafting.price(asked).total_amount
    amount = money.quantize(total * share, asked.currency)
    payment = {"method": method, "status": status, "amount": str(amount)}
    return order | {"payments": [payment | {"reference": f"{method}-{order['reference']}"}]}


def _order(till: Till, channel: str, buyer: Buyer, at: datetime, lines: list[Document]) -> Document:
    order: Document = {
        "reference": till.reference(channel),
        "placed_at": at.isoformat(),
        "currency": buyer.currency,
        "shipping_address": buyer.address,
        "lines": lines,
    }
    return order | ({"customer": buyer.customer} if buyer.customer else {})


def _line(article: Article, buyer: Buyer, quantity: int, share: Decimal) -> Document:
    price = money.quantize(article.prices[buyer.currency] * share, buyer.currency)
    return {
        "sku": article.product.sku,
        "quantity": quantity,
        "unit_price": str(price),
        "tax_rate": _tax_rate(buyer),
        "description": article.product.name,
    }


def _tax_rate(buyer: Buyer) -> str:
    at_home = buyer.country == "GB" or (buyer.kind != "company" and buyer.country != "US")
    return "20.00" if at_home else "0.00"


# ------------------------------------------------------------------------ orders with something odd


def wrong_address(order: Document) -> Document:
    """The postcode is missing half."""
    return order | {"shipping_address": order["shipping_address"] | {"postal_code": "BA"}}


def unknown_sku(order: Document) -> Document:
    """One line is an article nobody knows."""
    first, *others = order["lines"]
    return order | {"lines": [first | {"sku": f"OLD-{first['sku']}", "description": ""}, *others]}


def risky(order: Document) -> Document:
    """The shop's own check warns."""
    return order | {"risk": "high"}


def mistaken_price(order: Document) -> Document:
    """A tenth of the price."""
    first, *others = order["lines"]
    price = money.quantize(Decimal(first["unit_price"]) / 10, order["currency"])
    changed = order | {"lines": [first | {"unit_price": str(price)}, *others], "payments": []}
    return pay(changed | {"discount_amount": "0.00"}, "card", "paid")


def wrong_total(order: Document) -> Document:
    """The shop charged seven more than the lines add up to."""
    total = Decimal(order["payments"][0]["amount"]) + 7
    payment = order["payments"][0] | {"amount": str(total)}
    return order | {"total_amount": str(total), "payments": [payment]}


def unpaid(order: Document) -> Document:
    """The money has not arrived."""
    return order | {"payments": [order["payments"][0] | {"status": "pending"}]}


def half_paid(order: Document) -> Document:
    """A first instalment."""
    return pay(order | {"payments": []}, "card", "paid", Decimal("0.5"))


def of_scarce_goods(order: Document, article: Article) -> Document:
    """More of an article than there is."""
    first, *others = order["lines"]
    scarce = first | {"sku": article.product.sku, "quantity": 30, "description": ""}
    return order | {"lines": [scarce, *others], "payments": []}


def again(order: Document, reference: str) -> Document:
    """The same once more under another reference."""
    return order | {"reference": reference}
