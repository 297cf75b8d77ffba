"""The mails inventory writes; errands send them."""

from collections.abc import Sequence
from datetime import datetime

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from config.kernel.models import User
from inventory.queries.low_stock import Low

SHOWN = 100


def low_stock_digest(user: User, lows: Sequence[Low], *, since: datetime | None) -> EmailMessage:
    """Return the digest for a member of staff, in their language; what is new since then first."""
    fresh = [low for low in lows if since is None or low.alert.opened_at > since]
    known = [low for low in lows if low not in fresh]
    with override(user.language):
        subject = ngettext("%(count)s product is low", "%(count)s products are low", len(lows))
        parts = [
            *_section(_("New"), fresh),
            *_section(_("Still low"), known),
            _("Suggested quantities cover the lead time at the usual demand."),
        ]
        return EmailMessage(
            subject=subject % {"count": len(lows)}, body="\n".join(parts), to=[user.email]
        )


def _section(title: str, lows: Sequence[Low]) -> list[str]:
    if not lows:
        return []
    more = len(lows) - SHOWN
    rest = [_("… and %(count)s more") % {"count": more}] if more > 0 else []
    return [title, *(_line(low) for low in lows[:SHOWN]), *rest, ""]


def _line(low: Low) -> str:
    words = _(
        "%(sku)s %(name)s, %(warehouse)s: %(available)s available, %(incoming)s incoming, "
        "order %(suggested)s"
    )
    return "- " + words % {
        "sku": low.alert.product.sku,
        "name": " ".join(low.alert.product.name.split()),
        "warehouse": low.alert.warehouse.code,
        "available": low.available,
        "incoming": low.incoming,
        "suggested": low.suggested,
    }
