"""The answers of the API of inventory as OpenAPI describes them; `queries.catalogue` makes them."""

from pydantic import BaseModel


class BarcodeOut(BaseModel):
    """A code, and how many units carry it."""

    code: str
    unit_quantity: int


class PriceOut(BaseModel):
    """The list price in one currency."""

    currency: str
    list_price: str


class ProductOut(BaseModel):
    """A product; `available` over all warehouses, null for what is never stocked."""

    sku: str
    name: str
    is_stocked: bool
    is_active: bool
    tax_category: str
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    hs_code: str
    origin_country: str
    version: int
    updated_at: str
    barcodes: list[BarcodeOut]
    prices: list[PriceOut]
    available: int | None


class ProductPageOut(BaseModel):
    """Products by SKU."""

    results: list[ProductOut]
    next: str | None


class WarehouseStockOut(BaseModel):
    """What one warehouse can sell, and what is on its way there."""

    warehouse: str
    available: int
    incoming: int


class AvailabilityOut(BaseModel):
    """What can be sold of one SKU."""

    sku: str
    is_stocked: bool
    available: int | None
    warehouses: list[WarehouseStockOut]


class AvailabilityPageOut(BaseModel):
    """One result per known SKU, in the order asked."""

    results: list[AvailabilityOut]
    unknown: list[str]
    next: None


class ContentOut(BaseModel):
    """What lies in one bin."""

    bin: str
    lot: str | None
    condition: str
    quantity: int


class FiguresOut(BaseModel):
    """The figures of one SKU in one warehouse: available = on hand - unavailable - allocated."""

    sku: str
    warehouse: str
    on_hand: int
    unavailable: int
    allocated: int
    available: int


class StockOut(FiguresOut):
    """One SKU in one warehouse."""

    incoming: int
    bins: list[ContentOut]


class StockPageOut(BaseModel):
    """Stock by SKU and warehouse."""

    results: list[StockOut]
    next: str | None


class BookedOut(FiguresOut):
    """The change of on hand that was booked, and the figures since."""

    quantity: int


class ReceiptOut(BaseModel):
    """Goods that were booked in; products that came on several lines stand here once."""

    id: str
    warehouse: str
    document: str
    lines: list[BookedOut]


class AdjustmentOut(BookedOut):
    """A correction that was booked."""

    id: str
    document: str
