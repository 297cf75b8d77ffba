"""What inventory takes from files and gives as files: one layout a kind of record."""

from inventory.uploads.bins import BINS
from inventory.uploads.codes import BARCODES, PRICES
from inventory.uploads.products import PRODUCTS
from inventory.uploads.reordering import REORDER_POINTS
from inventory.uploads.stock import STOCK
from inventory.uploads.suppliers import SUPPLIERS

LAYOUTS = (PRODUCTS, BARCODES, PRICES, SUPPLIERS, BINS, STOCK, REORDER_POINTS)
