"""What the commands of orders refuse, by code."""

from config.kernel.errors import Again, DomainError, NotFound


class OrderNotFound(NotFound):
    title = "There is no such order."


class LineNotFound(DomainError):
    code, status = "line_not_found", 422
    title = "The order has no such line."


class OrderExists(DomainError):
    code = "order_exists"
    title = "This reference was used for an order with other content."


class OutOfStock(DomainError):
    code = "out_of_stock"
    title = "Not enough stock, and this channel takes no backorders."
    again = Again.NEW_KEY


class UnknownProduct(DomainError):
    code, status = "unknown_product", 422
    title = "This channel takes no orders with unknown SKUs."
    again = Again.NEW_KEY


class AlreadyMapped(DomainError):
    code = "already_mapped"
    title = "This sales channel maps the SKU already."


class AlreadyShipped(DomainError):
    code = "already_shipped"
    title = "What is to be cancelled has left the building."


class NothingToCancel(DomainError):
    code = "nothing_to_cancel"
    title = "There is not that much left to cancel."


class NothingToShip(DomainError):
    code = "nothing_to_ship"
    title = "There are not that many units allocated."


class FailedOrderClosed(DomainError):
    code = "failed_order_closed"
    title = "This failed order is closed already."


class FailedOrderCut(DomainError):
    code, status = "failed_order_cut", 422
    title = "Its content could not be kept whole; the channel must send it again."


class HoldNotOpen(DomainError):
    code = "hold_not_open"
    title = "This hold is not open any more."


class HoldNotYours(DomainError):
    code = "hold_not_yours"
    title = "Staff or a rule put the order on hold; only a hold of the channel's is lifted here."


class OrderNotOpen(DomainError):
    code = "order_not_open"
    title = "The order is completed or cancelled."


class NothingToGive(DomainError):
    code = "nothing_to_give"
    title = "The order does not have that many units allocated there any more."


class AlreadyInWarehouse(DomainError):
    code = "already_in_warehouse"
    title = "The warehouse has these units in hand already."


class NotWaiting(DomainError):
    code = "not_waiting"
    title = "The other order does not wait for that many units of this product."


class Held(DomainError):
    code = "held"
    title = "A hold forbids this."


class ImportRunning(DomainError):
    code = "import_running"
    title = "Another import into this sales channel is under way."


class ImportContradicted(DomainError):
    code = "import_contradicted"
    title = "This file was imported with another stock mode or warehouse."


class RowsUnreadable(DomainError):
    code, status = "rows_unreadable", 422
    title = "Some rows could not be read, so nothing was booked."


class NoteNotFound(NotFound):
    code = "note_not_found"
    title = "There is no such note."
