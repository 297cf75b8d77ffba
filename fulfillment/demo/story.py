"""Thirty days of business: an agenda of what happens when, taken in the order of time."""

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from config.kernel.actors import Actor
from config.kernel.callers import ChannelFacts
from config.kernel.fingerprints import of as fingerprint_of
from fulfillment.demo import people, sales
from fulfillment.demo.company import Company
from fulfillment.demo.people import Buyer
from fulfillment.demo.sales import Document, Till
from fulfillment.demo.stock import Shelves
from orders import states
from orders.models import Order
from orders.services import intake, placement

DAYS = 30
SYSTEM = Actor.system("Kapell")
WHO = {"sales": "sara", "warehouse": "wanda", "finance": "fiona", "manager": "marta"}
WRITE = {
    "WEB": sales.retail,
    "MARKET": sales.market,
    "TRADE": sales.trade,
    "DESK": sales.counter,
}

Step = Callable[[datetime], None]


@dataclass(slots=True)
class Story:
    """The company, its customers, and an agenda of what happens when."""

    company: Company
    shelves: Shelves
    till: Till
    dice: Random
    now: datetime
    buyers: dict[str, list[Buyer]] = field(default_factory=dict)
    agenda: list[tuple[datetime, int, Step]] = field(default_factory=list)
    ticket: Iterator[int] = field(default_factory=count)

    @property
    def began(self) -> datetime:
        """Return the first midnight of the story."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=DAYS)

    def plan(self, at: datetime, step: Step) -> None:
        """Put a step on the agenda, unless it lies ahead of now."""
        if at < self.now:
            heapq.heappush(self.agenda, (at, next(self.ticket), step))

    def tell(self) -> Iterator[float]:
        """Take the steps in the order of time; yield how much of the month has passed."""
        while self.agenda:
            at, _, step = heapq.heappop(self.agenda)
            step(at)
            yield (at - self.began) / (self.now - self.began)

    def staff(self, role: str) -> Actor:
        """Return who does the work of a role."""
        return self.company.staff(WHO[role])

    def document(self, code: str, at: datetime, buyer: Buyer | None = None) -> Document:
        """Return an ordinary order of a channel, of a given customer or of anyone."""
        if buyer is None and code == "WEB" and self.dice.random() < 0.12:
            buyer = people.guest(self.dice)
        return WRITE[code](self.till, code, buyer or self.dice.choice(self.regulars(code)), at)

    def regulars(self, code: str) -> list[Buyer]:
        """Return customers who are neither blocked nor kept short."""
        if code == "TRADE":
            return [one for place, one in enumerate(self.buyers[code]) if place % 4 in {1, 2}]
        return self.buyers[code][6:]

    def place(self, code: str, document: Document, at: datetime) -> Order | None:
        """Place an order as its channel does; None when the channel's rules refuse it."""
        channel = ChannelFacts.of(self.company.channels[code])
        by_staff = code == "DESK"
        answer = placement.place(
            document=document,
            fingerprint=fingerprint_of(intake.ROUTE, document),
            key=None,
            channel=channel,
            actor=self.staff("sales") if by_staff else channel.actor(),
            origin=states.Origin.STAFF if by_staff else states.Origin.API,
            at=at,
        )
        if answer.status != 201:
            return None
        return Order.objects.get(number=json.loads(answer.body)["number"])
