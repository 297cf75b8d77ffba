"""The words of an order's life, the tables of allowed moves, and how statuses are derived."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    API = "api", _("API")
    STAFF = "staff", _("Staff")
    IMPORT = "import", _("File")
    HISTORY = "history", _("History")


class OrderStatus(models.TextChoices):
    OPEN = "open", _("Open")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class PaymentStatus(models.TextChoices):
    PENDING = "pending", _("Not paid")
    AUTHORIZED = "authorized", _("Authorised")
    PARTIALLY_PAID = "partially_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class FulfillmentStatus(models.TextChoices):
    UNFULFILLED = "unfulfilled", _("Not started")
    IN_PROGRESS = "in_progress", _("In warehouse")
    PARTIALLY_SHIPPED = "partially_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")


class Priority(models.IntegerChoices):
    URGENT = 10, _("Urgent")
    HIGH = 20, _("High")
    NORMAL = 30, _("Normal")
    LOW = 40, _("Low")


class TaxCollector(models.TextChoices):
    SELLER = "seller", _("Us")
    MARKETPLACE = "marketplace", _("The marketplace")


class TenderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    AUTHORIZED = "authorized", _("Authorised")
    PAID = "paid", _("Paid")


class HoldStatus(models.TextChoices):
    OPEN = "open", _("On hold")
    RELEASED = "released", _("Released")


class FailureStatus(models.TextChoices):
    OPEN = "open", _("Failed")
    RESOLVED = "resolved", _("Placed")
    DISMISSED = "dismissed", _("Dismissed")


class HoldKind(models.TextChoices):
    ADDRESS = "address", _("Address")
    UNKNOWN_PRODUCT = "unknown_product", _("Unknown product")
    PAYMENT = "payment", _("Payment")
    FRAUD = "fraud", _("Fraud check")
    BLOCKED_CUSTOMER = "blocked_customer", _("Blocked customer")
    CREDIT = "credit", _("Credit")
    PRICE = "price", _("Price")
    TOTALS = "totals", _("Totals")
    DUPLICATE = "duplicate", _("Duplicate")
    SHORTAGE = "shortage", _("Short of stock")
    MANUAL = "manual", _("Manual")


class Action(models.TextChoices):
    """What a hold can forbid."""

    ALLOCATE = "allocate", _("Allocate stock")
    RELEASE = "release", _("Release to warehouse")


BLOCKS: dict[str, frozenset[str]] = {
    HoldKind.ADDRESS: frozenset({Action.RELEASE}),
    HoldKind.UNKNOWN_PRODUCT: frozenset({Action.RELEASE}),
    HoldKind.PAYMENT: frozenset({Action.RELEASE}),
    HoldKind.FRAUD: frozenset({Action.RELEASE}),
    HoldKind.BLOCKED_CUSTOMER: frozenset({Action.ALLOCATE, Action.RELEASE}),
    HoldKind.CREDIT: frozenset({Action.RELEASE}),
    HoldKind.PRICE: frozenset({Action.RELEASE}),
    HoldKind.TOTALS: frozenset({Action.RELEASE}),
    HoldKind.DUPLICATE: frozenset({Action.ALLOCATE, Action.RELEASE}),
    HoldKind.SHORTAGE: frozenset({Action.ALLOCATE, Action.RELEASE}),
    HoldKind.MANUAL: frozenset({Action.RELEASE}),
}


class ImportStock(models.TextChoices):
    SKIP = "skip", _("Leave stock alone")
    RESERVE = "reserve", _("Allocate")
    SHIP = "ship", _("Shipped already")


class ImportStatus(models.TextChoices):
    READING = "reading", _("Reading")
    BOOKING = "booking", _("Booking")
    DONE = "done", _("Done")


class ImportKind(models.TextChoices):
    ORDER = "order", _("Order line")
    CREDIT = "credit", _("Credit line")
    CORRECTION = "correction", _("Stock correction")
    REFUSED = "refused", _("Rejected")


HOLD_MOVES: dict[str, frozenset[str]] = {
    HoldStatus.OPEN: frozenset({HoldStatus.RELEASED}),
    HoldStatus.RELEASED: frozenset(),
}

# A closed one whose order fails once more begins anew: that is not a move.
FAILURE_MOVES: dict[str, frozenset[str]] = {
    FailureStatus.OPEN: frozenset({FailureStatus.RESOLVED, FailureStatus.DISMISSED}),
    FailureStatus.RESOLVED: frozenset(),
    FailureStatus.DISMISSED: frozenset({FailureStatus.RESOLVED}),
}

IMPORT_MOVES: dict[str, frozenset[str]] = {
    ImportStatus.READING: frozenset({ImportStatus.BOOKING}),
    ImportStatus.BOOKING: frozenset({ImportStatus.DONE}),
    ImportStatus.DONE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the statuses are derived from: units over all lines, money in the order's currency."""

    ordered: int
    cancelled: int
    assigned: int
    shipped: int
    total: Decimal
    paid: Decimal
    authorized: Decimal
    refunded: Decimal


@dataclass(frozen=True, slots=True)
class Statuses:
    status: str
    payment_status: str
    fulfillment_status: str


def derive(figures: Figures) -> Statuses:
    """Return the three statuses of an order with these figures; nobody sets them otherwise."""
    return Statuses(_order(figures), _payment(figures), _fulfillment(figures))


def _order(figures: Figures) -> str:
    if figures.cancelled == figures.ordered:
        return OrderStatus.CANCELLED
    if figures.shipped + figures.cancelled == figures.ordered:
        return OrderStatus.COMPLETED
    return OrderStatus.OPEN


def _fulfillment(figures: Figures) -> str:
    wanted = figures.ordered - figures.cancelled
    if figures.shipped and figures.shipped >= wanted:
        return FulfillmentStatus.SHIPPED
    if figures.shipped:
        return FulfillmentStatus.PARTIALLY_SHIPPED
    if figures.assigned:
        return FulfillmentStatus.IN_PROGRESS
    return FulfillmentStatus.UNFULFILLED


def _payment(figures: Figures) -> str:
    if figures.refunded:
        full = figures.refunded >= figures.paid
        return PaymentStatus.REFUNDED if full else PaymentStatus.PARTIALLY_REFUNDED
    if figures.paid >= figures.total:
        return PaymentStatus.PAID
    if figures.paid:
        return PaymentStatus.PARTIALLY_PAID
    if figures.authorized >= figures.total:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.PENDING
