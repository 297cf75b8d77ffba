"""Products, warehouses with bins, stock and its ledger, promises, transfers, alerts."""

from inventory.models.alerts import LowStockAlert, LowStockSubscription, ReorderRule
from inventory.models.differences import StockDifference
from inventory.models.products import Barcode, Price, Product, Supplier
from inventory.models.stock import BinStock, Reservation, StockLevel, StockMovement
from inventory.models.transfers import Transfer, TransferLine
from inventory.models.warehouses import Bin, DefaultWarehouse, Holiday, Warehouse

__all__ = [
    "Barcode",
    "Bin",
    "BinStock",
    "DefaultWarehouse",
    "Holiday",
    "LowStockAlert",
    "LowStockSubscription",
    "Price",
    "Product",
    "ReorderRule",
    "Reservation",
    "StockDifference",
    "StockLevel",
    "StockMovement",
    "Supplier",
    "Transfer",
    "TransferLine",
    "Warehouse",
]
