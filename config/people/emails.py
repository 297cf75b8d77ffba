"""The mails about people's accounts, as text and HTML, in the person's language and time zone."""

from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.kernel import words
from config.people.models import Notice
from config.people.services import links


def of(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail a notice stands for; errands send it."""
    user = notice.user
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        context = {
            "user": user,
            "name": user.first_name or user.get_username(),
            "at": words.moment(notice.made_at),
            "address": links.address(notice.link) if notice.link else "",
            "until": words.moment(notice.link.expires_at) if notice.link else "",
            "by": notice.link.made_by if notice.link else "",
            "language": user.language,
        }
        folder = f"people/mail/{notice.kind}"
        mail = EmailMultiAlternatives(
            subject=_subject(notice),
            body=render_to_string(f"{folder}.txt", context),
            to=[user.email],
        )
        mail.attach_alternative(render_to_string(f"{folder}.html", context), "text/html")
        return mail


def _subject(notice: Notice) -> str:
    return {
        Notice.Kind.INVITATION: _("Your account in Kapell"),
        Notice.Kind.RESET: _("Choose a new password for Kapell"),
        Notice.Kind.PASSWORD_CHANGED: _("Your Kapell password was changed"),
        Notice.Kind.FACTOR_CHANGED: _("Your second factor in Kapell was changed"),
    }[Notice.Kind(notice.kind)]
