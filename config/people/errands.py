"""Mails about people's accounts: claimed first, sent outside any transaction, then recorded."""

import logging
import smtplib
from datetime import datetime, timedelta

from config.people import emails
from config.people.models import Notice
from config.people.services import notices

AT_ONCE = 20
_log = logging.getLogger(__name__)


def send_notices(*, at: datetime) -> int:
    """Send what is due and return how many mails went out.

    What cannot be sent is tried again, later each time, until its link would be of no use any more:
    a mail may come twice, never not at all without being shown to administrators.
    """
    sent = 0
    for notice in notices.claim(most=AT_ONCE, at=at):
        sent += _send(notice, at)
    return sent


def _send(notice: Notice, at: datetime) -> int:
    try:
        emails.of(notice).send()
    except (OSError, smtplib.SMTPException):
        _log.exception("a mail about an account was not sent")
        notices.put_off(notice=notice, at=at, by=_pause(notice.attempts))
        return 0
    notices.record(notice=notice, at=at)
    return 1


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(30 * 2**attempts, 3600))
