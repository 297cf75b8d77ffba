"""The list of failed orders: which were asked for, by cause, and trying all of them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, jobs, words
from config.kernel.admin import scope
from config.kernel.admin.buttons import Button, ButtonForm, Press
from orders import faults
from orders.models import FailedOrder
from orders.queries import exceptions
from orders.services.importing import failing, report
from orders.states import FailureStatus

PER_PAGE = 50
TONES = {"open": "bad", "resolved": "good", "dismissed": "quiet"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list was asked for."""

    status: str = FailureStatus.OPEN
    channel: str = ""
    cause: str = ""
    term: str = ""

    @classmethod
    def read(cls, request: HttpRequest) -> "Asked":
        """Return what a request asks for; what is no choice counts as not asked."""
        given = request.GET
        status = given.get("status", FailureStatus.OPEN)
        channel = given.get("channel", "")
        known = {str(key) for key in scope.channels(request)}
        return cls(
            status if status in FailureStatus.values else FailureStatus.OPEN,
            channel if channel in known else "",
            given.get("cause", "")[:200],
            given.get("q", "").strip()[:120],
        )

    def rows(self, request: HttpRequest) -> QuerySet[FailedOrder]:
        """Return the failed orders that are meant, the latest first."""
        found = FailedOrder.objects.filter(
            scope.of(request).on("channel_id"), status=self.status
        ).select_related("channel")
        if self.channel:
            found = found.filter(channel_id=UUID(self.channel))
        if self.cause:
            found = found.filter(cause=self.cause)
        if self.term:
            found = found.filter(reference__startswith=self.term)
        return found.order_by("-last_at", "-id")

    def address(self, **other: Any) -> str:
        """Return the address of the same list with some of it changed."""
        asked = {"status": self.status, "channel": self.channel, "cause": self.cause}
        asked |= {"q": self.term, **other}
        return "?" + urlencode({name: value for name, value in asked.items() if value})


class RetryAllForm(ButtonForm):
    """Says how many failed orders it is about."""

    def arrange(self) -> None:
        """Look at what is meant: open ones, of one cause or of all."""
        self.rows = Asked.read(self.request).rows(self.request).filter(is_whole=True)
        self.number = self.rows.count()

    @property
    def told(self) -> str:
        """Return how many it is about."""
        text = ngettext("%(count)s failed order", "%(count)s failed orders", self.number)
        return text % {"count": words.count(self.number)}

    def clean(self) -> dict[str, Any]:
        """Refuse when there is nothing to try."""
        if not self.number:
            raise forms.ValidationError(_("No failed order is left that could be tried again."))
        return super().clean() or self.cleaned_data


def _retry_all(press: Press) -> HttpResponse:
    rows = Asked.read(press.request).rows(press.request).filter(is_whole=True)
    job = jobs.start(
        kind="orders.retry_failed",
        user=press.user,
        params={},
        command_id=press.command_id,
        rows=rows,
        label="reference",
        at=clock.now(),
    )
    return HttpResponseRedirect(jobs.address(job))


RETRY_ALL = Button(
    name="retry-all",
    label=gettext_lazy("Try all again"),
    icon="refresh",
    permission="orders.retry_failedorder",
    form=RetryAllForm,
    run=_retry_all,
    collection=True,
    template="orders/told.html",
    explain=gettext_lazy("Those that succeed leave the list; the others tell why not."),
)


def page_number(text: str) -> int:
    """Return the page that was asked for; the first, if that was none."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def tabs(wanted: Asked) -> list[dict[str, Any]]:
    """Return a tab for each status."""
    return [
        {
            "label": label,
            "url": wanted.address(status=status, cause=""),
            "is_current": status == wanted.status,
        }
        for status, label in FailureStatus.choices
    ]


def causes(request: HttpRequest, wanted: Asked) -> Iterator[dict[str, Any]]:
    """Yield what is wrong, the commonest first, each as a filter."""
    now = clock.now()
    for one in exceptions.failures(list(scope.channels(request))):
        is_current = one.cause == wanted.cause
        yield {
            "label": faults.label(one.code),
            "sentence": faults.sentence(one.code, one.params, one.faults[:1], ""),
            "number": words.count(one.count),
            "age": words.age(one.oldest, now),
            "url": wanted.address(cause="" if is_current else one.cause),
            "is_current": is_current,
        }


def row(failed: FailedOrder) -> dict[str, Any]:
    """Return a failed order as the list shows it."""
    return {
        "failed": failed,
        "url": page(failed),
        "label": faults.label(failed.code),
        "tone": TONES[failed.status],
        "sentence": sentence(failed),
    }


def sentence(failed: FailedOrder) -> str:
    """Return why an order failed."""
    told = listed(failed)
    return faults.sentence(failed.code, failed.params, told, failed.detail)


def listed(failed: FailedOrder) -> list[dict[str, Any]]:
    """Return the errors; those of a file's rows are told as its report tells them."""
    if failed.code != failing.CODE:
        return list(failed.faults)
    return [{**one, "detail": report.reason(one["code"], {})} for one in failed.faults]


def page(failed: FailedOrder) -> str:
    """Return the address of a failed order."""
    return reverse("admin:orders_failedorder_change", args=[failed.pk])
