"""Orders with lines, holds, notes and payments, credits, import runs, and what SKUs mean."""

from orders.models.credits import Credit, CreditLine
from orders.models.failures import FailedOrder
from orders.models.holds import Hold
from orders.models.imports import ImportRow, ImportRun
from orders.models.mappings import MappedProduct, ProductMapping
from orders.models.notes import OrderNote
from orders.models.orders import Intake, Order, OrderLine
from orders.models.payments import Payment

__all__ = [
    "Credit",
    "CreditLine",
    "FailedOrder",
    "Hold",
    "ImportRow",
    "ImportRun",
    "Intake",
    "MappedProduct",
    "Order",
    "OrderLine",
    "OrderNote",
    "Payment",
    "ProductMapping",
]
