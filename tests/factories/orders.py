"""Makes the documents channels send, and a small shop to send them to."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.test import Client

from config.kernel import callers, ids, keys
from config.kernel.actors import Actor
from config.kernel.models import Channel
from inventory.booking import Entry
from inventory.models import Price, Product, StockLevel, Warehouse
from inventory.services import ledger
from orders.models import Order
from tests.factories.inventory import ProductFactory, StockLevelFactory, WarehouseFactory
from tests.factories.kernel import ChannelFactory

AT = datetime(2026, 11, 16, 10, tzinfo=UTC)  # a Monday
STAFF = Actor("staff", "1", "Ann")

ADDRESS = {
    "name": "Ann Example",
    "line1": "1 High Street",
    "city": "London",
    "postal_code": "SW1A 1AA",
    "country": "GB",
}

_numbers = itertools.count(1)


def line(
    sku: str = "MUG", quantity: int = 1, unit_price: str = "10.00", **more: Any
) -> dict[str, Any]:
    """Return a line as a channel sends it."""
    return {"sku": sku, "quantity": quantity, "unit_price": unit_price, "tax_rate": "20.00", **more}


def document(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an order as a channel sends it; one mug unless lines are given."""
    return {
        "reference": f"WEB-{next(_numbers)}",
        "currency": "GBP",
        "customer": {"reference": "17850", "name": "Ann Example", "email": "ann@example.test"},
        "shipping_address": ADDRESS,
        "lines": list(lines) or [line()],
        **more,
    }


@dataclass
class Shop:
    """A channel with a key, a warehouse, and whatever is put on its shelves."""

    channel: Channel = field(default_factory=ChannelFactory)
    warehouse: Warehouse = field(default_factory=lambda: WarehouseFactory(code="MAIN", priority=10))

    def __post_init__(self) -> None:
        _, self.key = keys.create(channel=self.channel, name="test", scopes=keys.SCOPES)
        self.client = Client()

    def change(self, **settings: Any) -> None:
        """Change the channel's settings; the API sees them at once."""
        Channel.objects.filter(pk=self.channel.pk).update(**settings)
        self.channel.refresh_from_db()
        callers.forget()

    def put(
        self, sku: str, quantity: int = 0, warehouse: Warehouse | None = None, **product: Any
    ) -> StockLevel:
        """Put units of a SKU on the shelf, making the product if it is new."""
        known = Product.objects.filter(sku_key=sku.lower()).first()
        item = known or ProductFactory(sku=sku, **product)
        where = warehouse or self.warehouse
        level = StockLevel.objects.filter(product=item, warehouse=where).first()
        level = level or StockLevelFactory(product=item, warehouse=where)
        if quantity:
            entry = Entry(level.pk, "receipt", ids.new(), on_hand=quantity)
            ledger.post(entries=[entry], actor=STAFF, at=AT)
        level.refresh_from_db()
        return level

    def price(self, sku: str, list_price: str, floor: str | None = None) -> None:
        """Give a product a list price, and a floor."""
        Price.objects.create(
            product=Product.objects.get(sku_key=sku.lower()),
            currency="GBP",
            list_price=Decimal(list_price),
            floor_price=floor and Decimal(floor),
        )

    def post(
        self, body: Any, *, key: str | None = None, path: str = "/api/v1/orders/", **extra: Any
    ) -> Any:
        """Send a request to the API with the channel's key."""
        headers = {"Authorization": f"Bearer {self.key}", **extra.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post(
            path, body, content_type="application/json", headers=headers, **extra
        )

    def get(self, path: str, **params: Any) -> Any:
        """Ask the API."""
        return self.client.get(path, params, headers={"Authorization": f"Bearer {self.key}"})

    def place(self, *lines: dict[str, Any], **more: Any) -> Order:
        """Place an order through the API and return it."""
        answer = self.post(document(*lines, **more))
        assert answer.status_code == 201, answer.content
        return Order.objects.get(number=answer.json()["number"])


def buckets(order: Order) -> list[dict[str, int]]:
    """Return what is in each bucket of each line, empty ones left out."""
    names = ("cancelled", "pending", "backordered", "reserved", "assigned", "shipped", "returned")
    return [
        {name: getattr(one, name) for name in names if getattr(one, name)}
        for one in order.lines.order_by("position")
    ]


def counters(level: StockLevel | UUID) -> tuple[int, int, int]:
    """Return a level's on hand, unavailable and reserved, fresh."""
    key = level if isinstance(level, UUID) else level.pk
    return StockLevel.objects.values_list("on_hand", "unavailable", "reserved").get(pk=key)
