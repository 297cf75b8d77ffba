"""The answers of the API of orders as OpenAPI describes them; `orders.answers` makes them."""

from typing import Any

from pydantic import BaseModel, Field


class HoldOut(BaseModel):
    """Why an order waits, and what that forbids."""

    kind: str
    since: str
    blocks: list[str]
    params: dict[str, Any]


class TotalsOut(BaseModel):
    """Amounts as decimal strings in the order's currency."""

    currency: str
    subtotal_amount: str
    discount_amount: str
    shipping_amount: str
    tax_amount: str
    rounding_amount: str
    total_amount: str
    paid_amount: str
    authorized_amount: str
    refunded_amount: str


class ComponentOut(BaseModel):
    """What a line that is a set consists of: so many units of one product, and their part of it."""

    sku: str
    description: str
    quantity_each: int = Field(description="Units in each one sold.")
    quantity: int
    cancelled: int
    pending: int
    backordered: int
    reserved: int
    assigned: int
    shipped: int
    returned: int
    discount_amount: str
    amount: str
    net_amount: str
    tax_amount: str


class LineOut(BaseModel):
    """A line; each unit is in exactly one of the buckets from `cancelled` to `shipped`.

    A SKU that the channel maps to several units is counted in units sold: as far as its slowest
    component.
    """

    position: int
    reference: str
    sku: str
    description: str
    quantity: int
    cancelled: int
    pending: int
    backordered: int
    reserved: int
    assigned: int
    shipped: int
    returned: int
    unit_price: str
    discount_amount: str
    tax_rate: str
    amount: str
    net_amount: str
    tax_amount: str
    buyer_item_number: str
    attributes: dict[str, Any]
    components: list[ComponentOut] = Field(
        description="Empty, unless the SKU means several units of products."
    )


class PaymentOut(BaseModel):
    """A tender."""

    method: str
    status: str
    amount: str
    reference: str


class HeadlineOut(BaseModel):
    """An order as a list shows it."""

    number: str
    reference: str
    status: str
    payment_status: str
    fulfillment_status: str
    on_hold: bool
    backordered: bool
    placed_at: str
    updated_at: str
    ship_by: str | None
    deliver_by: str | None
    priority: str
    test: bool
    currency: str
    total_amount: str
    customer_order_number: str
    ship_country: str
    version: int


class OrderOut(HeadlineOut):
    """The whole order."""

    holds: list[HoldOut]
    totals: TotalsOut
    prices_include_tax: bool
    released_at: str | None
    ship_not_before: str | None
    ship_complete: bool
    shipping_method: str
    shipping_tax_rate: str
    fees: list[dict[str, str]]
    payment_terms_days: int | None
    tax_collected_by: str
    lines: list[LineOut]
    payments: list[PaymentOut]
    email: str
    phone: str
    shipping_address: dict[str, str] | None
    billing_address: dict[str, str] | None
    gift_message: str
    note: str
    metadata: dict[str, Any]


class CancelledOut(OrderOut):
    """The order after a cancellation."""

    cancellation: str = Field(description="`done`, or `requested` while the warehouse is asked.")


class OrderPageOut(BaseModel):
    """One page of orders, newest first; with `updated_after` by last change, oldest first."""

    results: list[HeadlineOut]
    next: str | None = Field(
        description="The cursor of the next page, null when there is none. With `updated_after` "
        "always there: come back with it for what changed meanwhile."
    )


class EventOut(BaseModel):
    """Something that happened to an order."""

    id: str
    type: str
    version: int
    occurred_at: str
    actor: dict[str, str]
    data: dict[str, Any]


class TimelineOut(BaseModel):
    """All that happened to an order, oldest first."""

    results: list[EventOut]
    next: str | None


class NoteOut(BaseModel):
    """A note as it was written."""

    id: str
    text: str
    is_pinned: bool
    written_at: str
