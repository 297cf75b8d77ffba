"""Getting started: what a new company needs before its first order, each seen from the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from config.operations import mail

Text = Any  # translated when shown

# In the order in which they are best done; where each is done is the console's business.
STEPS: tuple[tuple[str, Text, Text], ...] = (
    ("company", _("Your company"), _("Name, address and VAT numbers of the legal entity.")),
    ("warehouses", _("Warehouses"), _("Where goods lie, their cut-off and working days.")),
    ("users", _("Colleagues"), _("Everybody with a name, a role and a password of their own.")),
    ("mail", _("Mail"), _("Set KAPELL_SMTP_HOST, start again, send a test.")),
    ("products", _("Products"), _("By hand, or from a file.")),
    ("stock", _("Stock"), _("What is on the shelves, booked as goods in or from a file.")),
    ("channel", _("A sales channel"), _("A shop or partner, with the key it signs in with.")),
    ("order", _("The first order"), _("From the channel, from a file, or entered by hand.")),
)
DONE = """
SELECT
  EXISTS (SELECT FROM kernel_legalentity WHERE address <> '{}'::jsonb),
  EXISTS (SELECT FROM inventory_warehouse WHERE is_active),
  (SELECT count(*) > 1 FROM kernel_user WHERE is_active),
  EXISTS (SELECT FROM inventory_product),
  EXISTS (SELECT FROM inventory_stocklevel WHERE on_hand > 0),
  EXISTS (SELECT FROM kernel_channel WHERE is_active),
  EXISTS (SELECT FROM orders_order)
"""
READ = ("company", "warehouses", "users", "products", "stock", "channel", "order")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and whether it is done."""

    name: str
    title: Text
    hint: Text
    done: bool


def steps() -> Sequence[Step]:
    """Return every step with whether the facts show it done; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(DONE)
        done = dict(zip(READ, cursor.fetchone(), strict=True))
    done["mail"] = mail.is_set_up()
    return [Step(name, title, hint, bool(done[name])) for name, title, hint in STEPS]
