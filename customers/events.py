"""What happens to customers: every type of event, for those who listen."""

from django.utils.translation import gettext_lazy as _

from config.kernel import event_types
from config.kernel.event_types import EventType

CUSTOMER = {"customer": "the customer's id"}

event_types.declare(
    EventType(
        "customer.merged",
        _("Two customers turned out to be one."),
        {"survivor": "the id of the one that stays", "duplicate": "the id of the other"},
    ),
    EventType("customer.blocked", _("A customer was blocked."), CUSTOMER),
    EventType("customer.unblocked", _("A customer may buy again."), CUSTOMER),
)
