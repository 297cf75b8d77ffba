"""Which product an unknown SKU may mean: the nearest by barcode, SKU and name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from config.kernel import folding
from inventory.models import Product
from inventory.queries import barcodes, console

MOST = 5
CANDIDATES = 50
SHORTEST_STEM = 3
SAME_BEGINNING = 4
NEAR = 0.5

# How sellers write packs: ABC-3PK, ABC x6, ABC_PACK12, 6xABC.
_PACK = (
    re.compile(r"^(?P<stem>.{3,}?)[-_ ./]*(?:x|pk|pack|set)[-_ ]?(?P<units>\d{1,4})$"),
    re.compile(r"^(?P<stem>.{3,}?)[-_ ./](?P<units>\d{1,4})[-_ ]?(?:x|pk|pack|pcs|er|st|set)$"),
    re.compile(r"^(?P<units>\d{1,4})[-_ ]?(?:x|pk)[-_ ]?(?P<stem>.{3,})$"),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product that may be meant, how many units of it, and how near it is: 1 is the same."""

    product: Product
    quantity: int
    nearness: float


def of(*, sku: str, description: str = "") -> list[Suggestion]:
    """Return the nearest active products, the nearest first, in a handful of statements."""
    key = folding.sku(sku)
    stem, units = split(key)
    found: dict[str, Suggestion] = {}
    for one in _all(key, stem, units, description):
        known = found.get(one.product.sku_key)
        if one.product.is_active and (known is None or one.nearness > known.nearness):
            found[one.product.sku_key] = one
    nearest = sorted(found.values(), key=lambda one: (-one.nearness, one.product.sku_key))
    return [one for one in nearest if one.nearness >= NEAR][:MOST]


def split(sku_key: str) -> tuple[str, int]:
    """Return a SKU without what says how many are in a pack, and how many that is."""
    for pattern in _PACK:
        told = pattern.match(sku_key)
        if told and int(told["units"]) > 0:
            return told["stem"].strip("-_ ./"), int(told["units"])
    return sku_key, 1


def _all(key: str, stem: str, units: int, description: str) -> Iterator[Suggestion]:
    scanned = barcodes.look_up(key)
    if scanned is not None:
        yield Suggestion(scanned.product, scanned.unit_quantity, 1.0)
    for product in _by_sku(stem):
        yield Suggestion(product, units, _like(stem, product.sku_key))
    said = _words(description)
    if said:
        for product in console.find_products(max(said, key=len), CANDIDATES):
            yield Suggestion(product, units, _like(" ".join(said), " ".join(_words(product.name))))


def _by_sku(stem: str) -> list[Product]:
    """Those that begin alike, and those whose SKU the stem goes on from."""
    beginnings = [stem[:length] for length in range(SHORTEST_STEM, len(stem) + 1)]
    alike = Product.objects.active().filter(sku_key__startswith=stem[:SAME_BEGINNING])
    longer = Product.objects.active().filter(sku_key__in=beginnings)
    return [*longer, *alike.order_by("sku_key")[:CANDIDATES]]


def _words(name: str) -> list[str]:
    """The words of a name, whatever their order."""
    return sorted(word for word in folding.key(name, 300).split() if len(word) > 2)


def _like(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
