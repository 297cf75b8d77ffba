"""Whether mails leave this system, and trying it out."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from config.kernel import commands, errors
from config.operations import pulses
from config.operations.models import Pulse

KEPT_AS_FILES = "django.core.mail.backends.filebased.EmailBackend"


class NotSent(errors.DomainError):
    """The mail server did not take the mail."""

    code = "mail_not_sent"
    title = "The mail server did not take the mail."


def is_set_up() -> bool:
    """Tell whether mails go to a server; if not, they are kept as files."""
    return bool(settings.EMAIL_BACKEND != KEPT_AS_FILES)


def send_test(*, to: str) -> None:
    """Send a mail that says that it arrived; remember for the health line how it went.

    Goes over the network, so outside any transaction. Raises `NotSent`.
    """
    if commands.inside():
        raise RuntimeError("a mail is sent outside the transaction")
    body = _("Mail from Kapell arrives. You asked for this test; there is nothing to do.")
    try:
        EmailMessage(_("Test mail from Kapell"), body, to=[to]).send()
    except OSError as error:  # smtplib's errors are such
        pulses.beat(kind=Pulse.Kind.MAIL, name="mail", complaint=str(error))
        raise NotSent(_("The mail server did not take it: %(why)s") % {"why": error}) from error
    pulses.beat(kind=Pulse.Kind.MAIL, name="mail")
