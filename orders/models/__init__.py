"""Orders with their lines, holds and payments, credits, and import runs."""

from orders.models.credits import Credit, CreditLine
from orders.models.holds import Hold
from orders.models.imports import ImportRow, ImportRun
from orders.models.orders import Intake, Order, OrderLine
from orders.models.payments import Payment

__all__ = [
    "Credit",
    "CreditLine",
    "Hold",
    "ImportRow",
    "ImportRun",
    "Intake",
    "Order",
    "OrderLine",
    "Payment",
]
