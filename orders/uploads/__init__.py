"""What orders take from files and give as files."""

from orders.uploads.orders import ORDERS

__all__ = ["ORDERS"]
