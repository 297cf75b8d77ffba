"""Console pages of inventory: products and their stock, warehouses, transfers, and the queues."""

from inventory.admin import differences, low_stock, movements, products, transfers, warehouses

__all__ = ["differences", "low_stock", "movements", "products", "transfers", "warehouses"]
