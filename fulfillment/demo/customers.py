"""Customers known before the month begins: trade accounts, and those who are blocked."""

from decimal import Decimal

from customers.models import Customer
from customers.services import blocking, editing, identity
from fulfillment.demo import people
from fulfillment.demo.people import Buyer
from fulfillment.demo.story import Story

TERMS = (14, 30, 30, 60)
LIMITS = (2500, 9000, 20000, 300)
REASONS = ("Three chargebacks in a month", "Parcels refused four times", "Invoices unpaid")
# Who is blocked, by place in the list of the channel.
BLOCKED = (("WEB", 3), ("WEB", 4), ("WEB", 5), ("TRADE", 12))


def gather(story: Story) -> None:
    """Make the lists of those who will order; open the trade accounts; block a few."""
    story.buyers = {
        "WEB": people.shoppers(story.dice, 150, "W"),
        "MARKET": people.shoppers(story.dice, 60, "M"),
        "DESK": people.shoppers(story.dice, 25, "D"),
        "TRADE": people.companies(),
    }
    for place, buyer in enumerate(story.buyers["TRADE"]):
        _open_account(story, place, buyer)
    for number, (code, place) in enumerate(BLOCKED):
        blocking.block(
            customer=known(story, code, place),
            reason=REASONS[number % len(REASONS)],
            actor=story.staff("finance"),
            at=story.began,
        )


def known(story: Story, code: str, place: int) -> Customer:
    """Return the customer record of someone on a channel's list."""
    buyer = story.buyers[code][place]
    customer = identity.identify(
        channel=story.company.channels[code],
        given=identity.given(country=buyer.country, **(buyer.customer or {})),
        at=story.began,
    )
    if customer is None:
        raise LookupError(f"{code} {place} is a guest")
    return customer


def _open_account(story: Story, place: int, buyer: Buyer) -> None:
    customer = known(story, "TRADE", place)
    editing.change(
        customer=customer,
        version=customer.version,
        values={
            "payment_terms_days": TERMS[place % 4],
            "credit_limit": Decimal(LIMITS[place % 4]),
            "credit_currency": buyer.currency,
            "invoice_email": f"invoices{place + 1}@trade.example",
            "tags": ["trade", "vip"] if place % 5 == 0 else ["trade"],
            "notes": "Takes deliveries before noon only." if place % 6 == 0 else "",
        },
        country=buyer.country,
        at=story.began,
    )
