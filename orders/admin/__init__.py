"""Console pages of orders: the list, the order, holds, imports; and what orders add to others'."""

from orders.admin import holds, imports, orders, others

__all__ = ["holds", "imports", "orders", "others"]
