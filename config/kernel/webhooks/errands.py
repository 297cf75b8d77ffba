"""What needs the network besides sending: judging an address before it is kept, telling people."""

import logging
import smtplib
from collections.abc import Sequence
from uuid import UUID

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.kernel import clock, commands, gate, sql
from config.kernel.models import Channel, User, WebhookEndpoint
from config.kernel.webhooks import endpoints

MAY_MEND = "kernel.change_webhookendpoint"
BACKEND = "django.contrib.auth.backends.ModelBackend"

# The lease is longer than the mails take; who dies while sending leaves it to the next run.
CLAIM = """
UPDATE kernel_webhookendpoint SET telling_until = statement_timestamp() + interval '10 min'
WHERE status = 'disabled' AND told_at IS NULL
  AND (telling_until IS NULL OR telling_until < statement_timestamp())
RETURNING id
"""

_log = logging.getLogger(__name__)


def create(
    *, channel: Channel, name: str, url: str, types: Sequence[str] = ()
) -> tuple[WebhookEndpoint, str]:
    """Create an endpoint whose address may be called now; else raises `gate.Forbidden`."""
    gate.judge(url)
    return endpoints.create(channel=channel, name=name, url=url, types=types)


def change(*, endpoint_id: UUID, name: str, url: str, types: Sequence[str]) -> WebhookEndpoint:
    """Change an endpoint whose address may be called now; else raises `gate.Forbidden`."""
    gate.judge(url)
    return endpoints.change(endpoint_id=endpoint_id, name=name, url=url, types=types)


def tell_switched_off() -> int:
    """Mail those who can mend it that an endpoint was switched off; return how many mails went out.

    Each endpoint is told of once; what could not be sent is tried again ten minutes later.
    """
    sent = 0
    for endpoint_id in _claim():
        endpoint = WebhookEndpoint.objects.select_related("channel").get(pk=endpoint_id)
        try:
            sent += sum(_mail(endpoint, user).send() for user in _menders(endpoint))
        except (OSError, smtplib.SMTPException):
            _log.exception("webhook's end not told")
            continue
        _told(endpoint_id)
    return sent


@commands.command
def _claim() -> list[UUID]:
    return [row[0] for row in sql.fetch(CLAIM)]


@commands.command
def _told(endpoint_id: UUID) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(told_at=clock.now(), telling_until=None)


def _menders(endpoint: WebhookEndpoint) -> list[User]:
    able = User.objects.with_perm(MAY_MEND, backend=BACKEND).exclude(email="")
    return [
        user
        for user in able.order_by("pk")
        if Channel.objects.visible_to(user).filter(pk=endpoint.channel_id).exists()
    ]


def _mail(endpoint: WebhookEndpoint, user: User) -> EmailMessage:
    with override(user.language):
        subject = _("Webhook switched off: %(name)s") % {"name": endpoint.name}
        lines = [
            _("The webhook “%(name)s” of %(channel)s was switched off.")
            % {"name": endpoint.name, "channel": endpoint.channel.name},
            str(endpoint.get_disabled_cause_display()),
            "",
            _("What happens from now on is held for 30 days."),
            _("When the receiver works again, press “Resume” on the webhook’s page."),
        ]
        return EmailMessage(subject=subject, body="\n".join(lines), to=[user.email])
