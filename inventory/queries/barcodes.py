"""Which product a scanned code means, and how many units of it."""

from dataclasses import dataclass

from inventory import barcodes
from inventory.models import Barcode, Product


@dataclass(frozen=True, slots=True)
class Scanned:
    """A product, and how many base units the code stands for."""

    product: Product
    unit_quantity: int


def look_up(text: str) -> Scanned | None:
    """Return what a code means, however its number is written; None when nobody carries it."""
    found = Barcode.objects.filter(code=barcodes.key(text)).select_related("product").first()
    return Scanned(found.product, found.unit_quantity) if found else None
