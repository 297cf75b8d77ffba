"""Tables of stock that leave the house."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from config.kernel import exports
from inventory.queries.low_stock import Low


def low_stock_csv(lows: Iterable[Low]) -> str:
    """Return what to order, one row per product and warehouse, as CSV for a supplier's clerk."""
    header = [
        _("Supplier"), _("Supplier's number"), _("SKU"), _("Product"), _("Warehouse"),
        _("Available"), _("Incoming"), _("Reorder point"), _("Days of cover"),
        _("Suggested quantity"), _("Since"),
    ]  # fmt: skip
    return exports.csv_text(header, [_row(low) for low in lows])


def _row(low: Low) -> list[exports.Cell]:
    product, alert = low.alert.product, low.alert
    return [
        product.supplier.code if product.supplier else "",
        product.supplier_item_number,
        product.sku,
        product.name,
        alert.warehouse.code,
        low.available,
        low.incoming,
        low.reorder_point,
        low.days_of_cover,
        low.suggested,
        alert.opened_at.date(),
    ]
