"""What happens to stock and products: every type of event, for those who listen."""

from django.utils.translation import gettext_lazy as _

from config.kernel import event_types
from config.kernel.event_types import EventType

TRANSFER = {"number": "the transfer's number", "quantities": "units by the product's id"}

event_types.declare(
    EventType(
        "stock.gained",
        _("More of a product is available in a warehouse."),
        {
            "product_id": "the product's id",
            "warehouse_id": "the warehouse's id",
            "quantity": "units gained",
        },
    ),
    EventType(
        "stock.gained_many",
        _("A count or a file made more of many products available."),
        {"product_ids": "the products' ids"},
    ),
    EventType(
        "product.changed_many",
        _("A file created or changed many products."),
        {"product_ids": "the products' ids"},
    ),
    EventType("product.changed", _("A product was created or changed."), {"sku": "its SKU"}),
    EventType("transfer.sent", _("Goods left for another warehouse."), TRANSFER),
    EventType("transfer.received", _("Goods of a transfer arrived."), TRANSFER),
    EventType("transfer.written_off", _("Goods of a transfer will never arrive."), TRANSFER),
)
