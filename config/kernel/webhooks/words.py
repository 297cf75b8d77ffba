"""Webhooks in words, in the reader's language: how an endpoint fares, what came of an attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import gate, words
from config.kernel.models import WebhookEndpoint
from config.kernel.webhooks import schedule

_ERRORS: dict[str, Any] = {
    "timeout": gettext_lazy("It did not answer in time."),
    "connect": gettext_lazy("No connection could be made."),
    "tls": gettext_lazy("No secure connection could be made."),
    "certificate": gettext_lazy("Its certificate is not valid."),
    "protocol": gettext_lazy("It did not answer as a web server does."),
    "secret": gettext_lazy("The secret cannot be read any more; rotate it."),
    "internal": gettext_lazy("A fault inside Kapell; it has been logged."),
    "removed": gettext_lazy("The webhook was removed."),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """How an endpoint fares: a tone, a word and a sentence."""

    tone: str
    label: str
    sentence: str


def condition(
    endpoint: WebhookEndpoint, now: datetime, last: tuple[int | None, str, str] | None
) -> Condition:
    """Return how an endpoint fares, and what happens or has to happen next.

    `last` is what came of its latest attempt.
    """
    status = WebhookEndpoint.Status(endpoint.status)
    if status == WebhookEndpoint.Status.DISABLED:
        return Condition("bad", str(status.label), _switched_off(endpoint))
    if status != WebhookEndpoint.Status.ACTIVE:
        return Condition("quiet", str(status.label), _resting(status))
    if endpoint.failures:
        return _failing(endpoint, now, last)
    if endpoint.rest_until and endpoint.rest_until > now:
        sentence = _("It asked for a rest until %(when)s.") % {
            "when": words.moment(endpoint.rest_until)
        }
        return Condition("wait", _("Resting"), sentence)
    return Condition("good", str(status.label), "")


def came(http_status: int | None, error: str, detail: str = "") -> str:
    """Return what came of an attempt, as a sentence."""
    if http_status is not None:
        return _answered(http_status)
    told = str(_ERRORS.get(error) or gate.REASONS.get(error, error))
    return f"{told} ({detail})" if detail else told


def host(url: str) -> str:
    """Return the host of an address; the rest may hold a secret."""
    return urlsplit(url).netloc


def _answered(http_status: int) -> str:
    match schedule.verdict(http_status):
        case schedule.Verdict.DELIVERED:
            text = _("Accepted (%(status)s).")
        case schedule.Verdict.GONE:
            text = _("It says it is gone for good (%(status)s).")
        case schedule.Verdict.THROTTLED:
            text = _("It is overloaded or away (%(status)s).")
        case _ if 300 <= http_status < 400:
            text = _("It points elsewhere (%(status)s); redirects are not followed.")
        case _:
            text = _("Refused (%(status)s).")
    return text % {"status": http_status}


def _switched_off(endpoint: WebhookEndpoint) -> str:
    since = words.moment(endpoint.disabled_at) if endpoint.disabled_at else ""
    return _("Switched off since %(when)s: %(cause)s What happens is held for 30 days.") % {
        "when": since,
        "cause": endpoint.get_disabled_cause_display(),
    }


def _resting(status: WebhookEndpoint.Status) -> str:
    if status == WebhookEndpoint.Status.PAUSED:
        return _("Paused by staff. What happens is held for 30 days.")
    return _("Removed. Its log stays for 30 days.")


def _failing(
    endpoint: WebhookEndpoint, now: datetime, last: tuple[int | None, str, str] | None
) -> Condition:
    number = endpoint.failures
    text = ngettext(
        "%(count)d failure in a row, since %(since)s.",
        "%(count)d failures in a row, since %(since)s.",
        number,
    ) % {"count": number, "since": words.moment(endpoint.failing_since or now)}
    if last:
        text = f"{text} {came(*last)}"
    if endpoint.rest_until and endpoint.rest_until > now:
        rest = _("Next try at %(when)s.") % {"when": words.moment(endpoint.rest_until)}
        text = f"{text} {rest}"
    is_broken = number >= schedule.BREAKS_AFTER
    return Condition("bad" if is_broken else "wait", _("Failing"), text)
