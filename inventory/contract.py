"""What other systems send about products and stock."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.kernel.contracts import (
    Contract,
    Currency,
    Flag,
    ListPrice,
    Quantity,
    Sku,
    Text12,
    Text32,
    Text64,
    Text80,
    Text200,
)

MOST_LINES = 1_000
Text1to32 = Annotated[Text32, Field(min_length=1)]
Text1to80 = Annotated[Text80, Field(min_length=1)]
Text1to200 = Annotated[Text200, Field(min_length=1)]
Measure = Annotated[int, Field(strict=True, ge=0, le=2_000_000_000)]
Units = Annotated[int, Field(strict=True, ge=0, le=2_000_000_000)]
Change = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
Condition = Literal["good", "damaged"]


class BarcodeIn(Contract):
    """A code, and how many units carry it: 1, or those of an inner or a case."""

    code: Text1to80
    unit_quantity: Quantity = 1


class PriceIn(Contract):
    """The list price in one currency; below `floor_price` an order waits for a person."""

    currency: Currency
    list_price: ListPrice
    floor_price: ListPrice | None = None


class ProductIn(Contract):
    """What is said about a product; a field that is left out stays as it is."""

    name: Text1to200 = ""
    is_stocked: Flag = True
    is_active: Flag = True
    tax_category: Text32 = "standard"
    weight_grams: Measure | None = None
    length_mm: Measure | None = None
    width_mm: Measure | None = None
    height_mm: Measure | None = None
    hs_code: Text12 = ""
    origin_country: Annotated[str, Field(pattern=r"^([A-Za-z]{2})?$", strict=True)] = ""
    barcodes: list[BarcodeIn] = Field(default_factory=list, max_length=100)
    prices: list[PriceIn] = Field(default_factory=list, max_length=50)


class ArrivalIn(Contract):
    """Units of a SKU that came in; without a bin they are put into STOCK."""

    sku: Sku
    quantity: Quantity
    bin: Text1to32 | None = None
    lot: Text64 | None = None
    condition: Condition = "good"


class ReceiptIn(Contract):
    """Goods that came into a warehouse, all of them or none."""

    warehouse: Text1to32
    document: Text80 = ""
    reason: Text200 = ""
    lines: list[ArrivalIn] = Field(min_length=1, max_length=MOST_LINES)


class AdjustmentIn(Contract):
    """A correction of one SKU: by a signed `quantity`, or to what was `counted`.

    A count says what figure it was compared with (`based_on`): on hand in the warehouse, or in the
    bin if one is named.
    """

    warehouse: Text1to32
    sku: Sku
    quantity: Change | None = None
    counted: Units | None = None
    based_on: Units | None = None
    reason: Text1to200
    document: Text80 = ""
    bin: Text1to32 | None = None
    lot: Text64 | None = None
    condition: Condition = "good"
    let_orders_wait: Flag = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Refuse what is both or neither."""
        by_count = self.counted is not None and self.based_on is not None
        half = (self.counted is None) != (self.based_on is None)
        if half or by_count == (self.quantity is not None):
            raise ValueError("Send either quantity, or counted together with based_on.")
        if self.quantity == 0:
            raise ValueError("A quantity of 0 changes nothing.")
        if self.bin is None and (self.lot is not None or self.condition != "good"):
            raise ValueError("A lot or damaged goods lie in a bin: name it.")
        return self
