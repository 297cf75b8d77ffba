"""What inventory tells the world: claimed first, sent outside any transaction, then recorded."""

import logging
import smtplib
from datetime import datetime

from config.kernel.models import User
from inventory import emails
from inventory.models import Warehouse
from inventory.queries import low_stock as queue
from inventory.services import low_stock
from inventory.services.low_stock import Claim

_log = logging.getLogger(__name__)


def send_low_stock_digests(*, at: datetime) -> int:
    """Mail the low-stock digest to everyone whose turn it is; return how many mails went out.

    Nobody gets a mail when nothing new is low since their last one. What could not be sent stays
    claimed for ten minutes and is tried by the next run: a mail may come twice, never not at all.
    """
    sent = 0
    for claim in low_stock.claim_digests(at=at):
        try:
            sent += _tell(claim, at)
        except (OSError, smtplib.SMTPException):
            _log.exception("low stock digest not sent")
            continue
        low_stock.record_digest(claim=claim, at=at)
    return sent


def _tell(claim: Claim, at: datetime) -> int:
    user = User.objects.get(pk=claim.user_id)
    alerts = queue.open_alerts().filter(warehouse__in=Warehouse.objects.visible_to(user))
    if claim.warehouse_ids is not None:
        alerts = alerts.filter(warehouse__in=claim.warehouse_ids)
    told = claim.told_at
    if not any(told is None or alert.opened_at > told for alert in alerts):
        return 0
    lows = queue.figures(alerts, at=at)
    return emails.low_stock_digest(user, lows, since=told).send()
