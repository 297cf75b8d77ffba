"""Fills the shelves: deliveries, breakages, quarantine, counts, transfers, reorder points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from config.kernel import ids
from config.kernel.actors import Actor
from fulfillment.demo.catalogue import Article
from fulfillment.demo.places import Place
from inventory.models import (
    BinStock,
    Product,
    ReorderRule,
    StockLevel,
    Transfer,
    TransferLine,
)
from inventory.models.warehouses import Bin
from inventory.services import adjustments, moves, receiving, stock_checks, transfers
from inventory.services.receiving import Arrival
from inventory.services.transfers import Parcel

DAMAGED = BinStock.Condition.DAMAGED
# How much of the range a warehouse carries, in hundredths, and how deep.
DEPTH = {"MAIN": (100, 1.0), "NORTH": (65, 0.5), "SOUTH": (40, 0.35)}
SCARCE_EVERY = 17


@dataclass(slots=True)
class Shelves:
    """Where each product lies first, per warehouse, and what is scarce."""

    places: Mapping[str, Place]
    articles: Sequence[Article]
    dice: Random
    homes: dict[tuple[str, UUID], Bin] = field(default_factory=dict)
    documents: int = 1000

    def stocked(self) -> list[Article]:
        """Return the articles that are goods."""
        return [one for one in self.articles if one.range is not None]

    def carried(self, code: str) -> list[Article]:
        """Return the goods a warehouse has a bin for."""
        return [one for one in self.stocked() if (code, one.product.pk) in self.homes]

    def scarce(self) -> list[Product]:
        """Return products of which there is far too little."""
        return [one.product for one in self.stocked()[::SCARCE_EVERY]]

    def document(self) -> str:
        """Return the number of the next delivery note."""
        self.documents += 1
        return f"GRN-{self.documents}"


def deliver(shelves: Shelves, actor: Actor, at: datetime) -> Iterator[str]:
    """Book the first deliveries in: one per supplier and warehouse."""
    scarce = {product.pk for product in shelves.scarce()}
    for code, place in shelves.places.items():
        share, depth = DEPTH[code]
        by_supplier: dict[str, list[Arrival]] = {}
        for number, article in enumerate(shelves.stocked()):
            if article.range is None or number * 37 % 100 >= share:
                continue
            few = article.product.pk in scarce
            units = 2 + number % 3 if few else _units(article, depth, shelves.dice)
            home = _home(shelves, code, place, article.product, number)
            arrivals = by_supplier.setdefault(article.range.supplier, [])
            arrivals += _arrivals(article.product, home, place, units, number)
        for arrivals in by_supplier.values():
            _receive(shelves, code, arrivals, actor, at)
        yield code


def replenish(shelves: Shelves, code: str, number: int, actor: Actor, at: datetime) -> list[UUID]:
    """Book a later delivery of a few products in and return them, scarce ones among them."""
    chosen = shelves.dice.sample(shelves.carried(code), number)
    scarce = [product for product in shelves.scarce() if (code, product.pk) in shelves.homes]
    products = {one.product.pk for one in chosen}
    products |= {product.pk for product in shelves.dice.sample(scarce, min(3, len(scarce)))}
    arrivals = [
        Arrival(product_id, 6 + 6 * (place % 4), shelves.homes[code, product_id].pk)
        for place, product_id in enumerate(sorted(products))
    ]
    _receive(shelves, code, arrivals, actor, at)
    return sorted(products)


def handle(shelves: Shelves, actor: Actor, at: datetime) -> None:
    """What happens to goods in a month: breakages, quarantine, finds, losses and moves."""
    scarce = {product.pk for product in shelves.scarce()}
    for code, place in shelves.places.items():
        goods = [
            (article.product, shelves.homes[code, article.product.pk])
            for article in shelves.carried(code)[3:60:5]
            if article.product.pk not in scarce
        ]
        quarantine = place.bins[Bin.Kind.QUARANTINE][0]
        for number, (product, home) in enumerate(goods):
            _mishap(number, product, home, quarantine, actor, at)


def send(shelves: Shelves, source: str, destination: str, actor: Actor, at: datetime) -> Transfer:
    """Send four each of six articles that both warehouses carry and the first has enough of."""
    here = StockLevel.objects.filter(warehouse=shelves.places[source].warehouse)
    plenty = {one.product_id for one in here if one.on_hand - one.unavailable - one.reserved > 12}
    both = [
        one.product.pk
        for one in shelves.carried(source)
        if one.product.pk in plenty and (destination, one.product.pk) in shelves.homes
    ]
    return transfers.send(
        source_id=shelves.places[source].warehouse.pk,
        destination_id=shelves.places[destination].warehouse.pk,
        parcels=[Parcel(product_id, 4) for product_id in shelves.dice.sample(both, 6)],
        command_id=ids.new(),
        actor=actor,
        at=at,
        expected_on=(at + timedelta(days=2)).date(),
    )


def take_in(transfer: Transfer, actor: Actor, at: datetime) -> None:
    """Book everything in that was sent."""
    lines = TransferLine.objects.filter(transfer=transfer)
    transfers.receive(
        transfer_id=transfer.pk,
        quantities=dict(lines.values_list("product_id", "sent")),
        command_id=ids.new(),
        actor=actor,
        at=at,
    )


def set_reorder_points(shelves: Shelves) -> None:
    """Give reorder points to what sells: some above what is there, so that alerts open."""
    ReorderRule.objects.bulk_create(
        ReorderRule(
            product=article.product,
            warehouse=shelves.places[code].warehouse,
            reorder_point=6 + number % 9,
            reorder_quantity=24 if number % 2 else 0,
        )
        for code in ("MAIN", "NORTH")
        for number, article in enumerate(shelves.carried(code))
        if number % 3 == 0 or article.product in shelves.scarce()
    )


def disturb(actor: Actor, at: datetime) -> None:
    """Leave a trace in the queue of stock differences: some repaired, some gone, some still open.

    Three figures at a time are wrong for a moment. The last ones are right again by now, too, so
    the next stock check will close them: the demo's books agree.
    """
    levels = list(StockLevel.objects.filter(reserved=0, on_hand__gt=5).order_by("pk")[:9])
    repaired, gone, still_open = levels[:3], levels[3:6], levels[6:]
    _misstate(repaired, 1)
    for difference in stock_checks.run(at=at):
        stock_checks.repair(difference_id=difference.pk, reason="Counted twice", actor=actor, at=at)
    for wrong in (gone, still_open):
        _misstate(wrong, 2)
        stock_checks.run(at=at + timedelta(hours=1))
        _misstate(wrong, -2)


def _misstate(levels: Sequence[StockLevel], units: int) -> None:
    for level in levels:
        content = BinStock.objects.filter(
            product=level.product_id, bin__warehouse=level.warehouse_id, quantity__gt=2
        ).order_by("pk")[0]
        content.quantity += units
        content.save(update_fields=["quantity"])


def _units(article: Article, depth: float, dice: Random) -> int:
    price = article.prices["GBP"]
    base = 140 if price < 10 else 80 if price < 25 else 36
    return max(4, int(base * depth * dice.uniform(0.6, 1.4)))


def _home(shelves: Shelves, code: str, place: Place, product: Product, number: int) -> Bin:
    bins = place.bins[Bin.Kind.PICK]
    home = bins[number % len(bins)]
    shelves.homes[code, product.pk] = home
    return home


def _arrivals(product: Product, home: Bin, place: Place, units: int, number: int) -> list[Arrival]:
    """The shelf first; what does not fit goes into bulk."""
    room = 48
    shelf = [Arrival(product.pk, min(units, room), home.pk)]
    if units <= room:
        return shelf
    bulk = place.bins[Bin.Kind.BULK]
    return [*shelf, Arrival(product.pk, units - room, bulk[number % len(bulk)].pk)]


def _receive(
    shelves: Shelves, code: str, arrivals: Sequence[Arrival], actor: Actor, at: datetime
) -> None:
    receiving.receive(
        warehouse_id=shelves.places[code].warehouse.pk,
        arrivals=arrivals,
        command_id=ids.new(),
        document=shelves.document(),
        actor=actor,
        at=at,
    )


def _mishap(
    number: int, product: Product, home: Bin, quarantine: Bin, actor: Actor, at: datetime
) -> None:
    match number % 4:
        case 0:
            adjustments.change_condition(
                product_id=product.pk, bin_id=home.pk, quantity=1 + number % 2, to=DAMAGED,
                reason="Broken in the aisle", command_id=ids.new(), actor=actor, at=at,
            )  # fmt: skip
        case 1:
            moves.move(
                product_id=product.pk, from_bin_id=home.pk, to_bin_id=quarantine.pk, quantity=2,
                command_id=ids.new(), actor=actor, at=at, reason="Crazed glaze, ask the supplier",
            )  # fmt: skip
        case 2:
            adjustments.adjust(
                product_id=product.pk, warehouse_id=home.warehouse_id, bin_id=home.pk, quantity=-1,
                reason="Missing at the count", command_id=ids.new(), actor=actor, at=at,
            )  # fmt: skip
        case _:
            adjustments.adjust(
                product_id=product.pk, warehouse_id=home.warehouse_id, bin_id=home.pk, quantity=2,
                reason="Found behind the shelf", command_id=ids.new(), actor=actor, at=at,
            )  # fmt: skip
