"""What happens to orders: every type of event, for those who listen."""

from django.utils.translation import gettext_lazy as _

from config.kernel import event_types
from config.kernel.event_types import EventType

NUMBER = {"number": "the order's number"}
LINES = {"lines": "per line concerned: `line` (its id), `quantity` (units)"}
HOLD = {"hold": "the cause of the hold"}
NOTE = {**NUMBER, "note": "the note's id"}

event_types.declare(
    EventType(
        "order.placed",
        _("An order was placed."),
        {
            **NUMBER,
            "lines": "how many lines it has",
            "holds": "the causes of its holds",
            "short": "whether units are backordered",
        },
        is_told=True,
    ),
    EventType("order.held", _("An order was put on hold."), {**NUMBER, **HOLD}, is_told=True),
    EventType("order.hold_released", _("A hold was released."), {**NUMBER, **HOLD}, is_told=True),
    EventType(
        "order.hold_reminder",
        _("Staff want to be reminded of a hold, or no more."),
        {**NUMBER, **HOLD, "on": "the day, or null"},
    ),
    EventType(
        "order.released",
        _("Nothing holds an order: the warehouse may start."),
        NUMBER,
        is_told=True,
    ),
    EventType("order.taken_back", _("A released order waits again."), NUMBER, is_told=True),
    EventType("order.backordered", _("Units of an order wait for stock."), NUMBER, is_told=True),
    EventType(
        "order.lines_available",
        _("Units that waited for stock were allocated."),
        {**NUMBER, **LINES},
        is_told=True,
    ),
    EventType(
        "order.allocation_lost",
        _("Units that were allocated wait for stock again."),
        {**NUMBER, **LINES, "product_id": "the product's id"},
        is_told=True,
    ),
    EventType(
        "order.cancelled",
        _("A whole order was cancelled."),
        {**NUMBER, **LINES},
        is_told=True,
    ),
    EventType(
        "order.lines_cancelled",
        _("Units of an order were cancelled."),
        {**NUMBER, **LINES},
        is_told=True,
    ),
    EventType(
        "order.cancellation_requested",
        _("The warehouse was asked to let units go that shall be cancelled."),
        {**NUMBER, **LINES},
        is_told=True,
    ),
    EventType("order.address_corrected", _("The delivery address changed."), NUMBER, is_told=True),
    EventType(
        "order.payment_recorded",
        _("A payment came in or changed."),
        {**NUMBER, "method": "how it was paid", "status": "the payment's status"},
        is_told=True,
    ),
    EventType("order.shipped", _("Units left the building."), {**NUMBER, **LINES}, is_told=True),
    EventType(
        "order.hold_reminder",
        _("Somebody wants to be reminded of a hold."),
        {**NUMBER, **HOLD, "on": "the day, or null"},
        is_told=True,
    ),
    EventType(
        "order.noted",
        _("Staff wrote a note on an order."),
        {**NOTE, "pinned": "whether it is pinned"},
        is_told=True,
    ),
    EventType("order.note_pinned", _("A note was pinned."), NOTE, is_told=True),
    EventType("order.note_unpinned", _("A note's pin was taken off."), NOTE, is_told=True),
    EventType("order.note_removed", _("A note was deleted."), NOTE, is_told=True),
    EventType("order.tagged", _("An order was tagged."), NUMBER, is_told=True),
    EventType("order.untagged", _("A tag was taken off an order."), NUMBER, is_told=True),
)
