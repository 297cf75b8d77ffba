"""Console pages of orders: lists, the order, what waits or failed, mappings, imports, panels."""

from orders.admin import failures, holds, imports, mappings, orders, others

__all__ = ["failures", "holds", "imports", "mappings", "orders", "others"]
