"""Stock taken over from elsewhere: a list of SKUs and quantities, booked as one receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.kernel import commands, folding, ids
from config.kernel.actors import Actor
from inventory.services import products, receiving, warehouses
from inventory.services.products import Named
from inventory.services.receiving import Arrival


@dataclass(frozen=True, slots=True)
class Booked:
    """What a list came to: its products, and the units booked into the warehouse."""

    products: int
    units: int


@commands.command
def book(
    *,
    quantities: Mapping[str, int],
    warehouse_code: str,
    digest: str,
    document: str,
    actor: Actor,
    at: datetime,
) -> Booked:
    """Book units per SKU into a warehouse as one receipt, all or nothing.

    Products and the warehouse are created where missing; a quantity of 0 makes the product only.
    The same `digest` again for the same warehouse changes nothing. Raises `Invalid` for SKUs that
    cannot be, `NotStocked` for postage and the like.
    """
    warehouse = warehouses.ensure(code=warehouse_code)
    known = products.ensure(named=[Named(sku) for sku in quantities], actor=actor, at=at)
    units: dict[str, int] = {}
    for sku, quantity in quantities.items():
        units[folding.sku(sku)] = units.get(folding.sku(sku), 0) + quantity
    arrivals = [Arrival(known[key], quantity) for key, quantity in units.items() if quantity]
    if arrivals:
        receiving.receive(
            warehouse_id=warehouse.pk,
            arrivals=arrivals,
            command_id=ids.derived("opening", warehouse.pk, digest),
            document=document,
            actor=actor,
            at=at,
        )
    return Booked(len(known), sum(units.values()))
