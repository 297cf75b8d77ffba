"""Failed orders in the console: what came, what is wrong with it where, and trying it again."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, errors
from config.kernel.admin import bases, scope
from config.kernel.admin.buttons import Button, ButtonForm, Press, ReasonForm
from config.kernel.api import bodies
from config.kernel.idempotency import Answer
from orders import faults, payloads
from orders.admin import failed_list
from orders.models import FailedOrder, Order
from orders.services import failures, intake
from orders.services.importing import failing
from orders.states import FailureStatus


class PlainForm(ButtonForm):
    """Nothing to ask."""


class CorrectForm(ButtonForm):
    """Asks for the order as it should have been sent."""

    content = forms.CharField(
        label=gettext_lazy("Content"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 28, "class": "k-code", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("JSON, as it is described for the sales channel's API."),
    )

    def arrange(self) -> None:
        """Show what was sent, indented."""
        self.initial["content"] = (
            payloads.text(intake.contents(self.record))
            if self.record.is_whole
            else self.record.payload
        )

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return where the errors are, and what they are."""
        return [(faults.field(one), faults.fault(one)) for one in self.record.faults]

    def clean_content(self) -> Any:
        """Refuse what is no JSON object, and say where."""
        try:
            document = bodies.parse(self.cleaned_data["content"].encode())
        except errors.DomainError as unreadable:
            raise ValidationError(unreadable.told()) from unreadable
        if not isinstance(document, dict):
            raise ValidationError(_("This is not a JSON object."))
        return document


def _retry(press: Press) -> HttpResponse:
    return _tried(press, None)


def _correct(press: Press) -> HttpResponse:
    return _tried(press, press.answers["content"])


def _tried(press: Press, document: Mapping[str, Any] | None) -> HttpResponse:
    """Lead to the order that was placed, or back to what is wrong now."""
    failed = press.record
    try:
        answer = intake.retry(
            failed_id=failed.pk, document=document, actor=press.actor, at=clock.now()
        )
    except errors.DomainError as refusal:
        messages.error(
            press.request, _("It failed again: %(reason)s") % {"reason": refusal.told()[:300]}
        )
        return HttpResponseRedirect(failed_list.page(failed))
    if answer.status >= 400:
        messages.error(press.request, _("It failed again, for the reason below."))
        return HttpResponseRedirect(failed_list.page(failed))
    return _placed(press.request, failed, answer)


def _placed(request: HttpRequest, failed: FailedOrder, answer: Answer) -> HttpResponse:
    number = json.loads(answer.body)["number"]
    messages.success(request, _("The order is placed: %(number)s.") % {"number": number})
    order = Order.objects.filter(number=number, channel=failed.channel_id).first()
    if order is None:
        return HttpResponseRedirect(failed_list.page(failed))
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))


def _dismiss(press: Press) -> str:
    failures.dismiss(
        failed_id=press.record.pk,
        reason=press.answers["reason"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("Dismissed. When the very same comes again, it stays so.")


def _is_open(failed: FailedOrder) -> bool:
    return failed.status == FailureStatus.OPEN


def _can_be_tried(failed: FailedOrder) -> bool:
    return failed.status != FailureStatus.RESOLVED and failed.is_whole


def _can_be_corrected(failed: FailedOrder) -> bool:
    return failed.status != FailureStatus.RESOLVED and failed.code != failing.CODE


@admin.register(FailedOrder)
class FailedOrderAdmin(bases.FactsAdmin):
    buttons = (
        Button(
            name="retry",
            label=gettext_lazy("Try again"),
            icon="refresh",
            permission="orders.retry_failedorder",
            form=PlainForm,
            run=_retry,
            applies=_can_be_tried,
            explain=gettext_lazy(
                "It goes through the same checks as when it came; the same order is placed once."
            ),
        ),
        Button(
            name="correct",
            label=gettext_lazy("Correct and try again"),
            icon="edit_note",
            permission="orders.retry_failedorder",
            form=CorrectForm,
            run=_correct,
            applies=_can_be_corrected,
            template="orders/failed_correct.html",
            confirm=gettext_lazy("Try this"),
        ),
        Button(
            name="dismiss",
            label=gettext_lazy("Dismiss"),
            icon="delete",
            permission="orders.dismiss_failedorder",
            form=ReasonForm,
            run=_dismiss,
            applies=_is_open,
            explain=gettext_lazy("It leaves the list without an order; the reason stays with it."),
        ),
        failed_list.RETRY_ALL,
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the causes, and the failed orders that were asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = failed_list.Asked.read(request)
        channels = scope.channels(request)
        number = failed_list.page_number(request.GET.get("p", ""))
        first = (number - 1) * failed_list.PER_PAGE
        found = list(wanted.rows(request)[first : first + failed_list.PER_PAGE + 1])
        return self.show(
            request,
            "orders/failed.html",
            _("Failed orders"),
            asked=wanted,
            channels=[(str(key), one.name) for key, one in channels.items()],
            tabs=failed_list.tabs(wanted),
            causes=list(failed_list.causes(request, wanted))
            if wanted.status == FailureStatus.OPEN
            else [],
            rows=[failed_list.row(failed) for failed in found[: failed_list.PER_PAGE]],
            pages={
                "number": number,
                "previous": wanted.address(p=number - 1) if number > 1 else "",
                "next": wanted.address(p=number + 1) if len(found) > failed_list.PER_PAGE else "",
            },
            retry_all_url=self._retry_all_url(request, wanted),
            **(extra_context or {}),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what was sent with each error at its place."""
        del form_url
        failed = self._failed(request, object_id)
        return self.show(
            request,
            "orders/failed_page.html",
            failed.reference or _("An order without a reference"),
            opts=self.opts,
            original=failed,
            page_buttons=self.buttons_for(request, failed),
            **_told(failed),
            **(extra_context or {}),
        )

    def after_press(self, request: HttpRequest, record: Any = None) -> str:
        """Lead back to the failed order, or to the list as it was."""
        back = super().after_press(request, record)
        return back if record is not None else back + failed_list.Asked.read(request).address()

    def _retry_all_url(self, request: HttpRequest, wanted: failed_list.Asked) -> str:
        may = request.user.has_perm("orders.retry_failedorder")
        if not may or wanted.status != FailureStatus.OPEN:
            return ""
        return reverse("admin:orders_failedorder_retry_all") + wanted.address()

    def _failed(self, request: HttpRequest, object_id: str) -> FailedOrder:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            failed = self.get_queryset(request).select_related("channel").get(pk=object_id)
        except (FailedOrder.DoesNotExist, ValidationError) as unknown:
            raise Http404 from unknown
        return failed


def _told(failed: FailedOrder) -> dict[str, Any]:
    order = Order.objects.filter(channel=failed.channel_id, reference=failed.reference).first()
    document = intake.contents(failed) if failed.is_whole else None
    listed = failed_list.listed(failed)
    shown = payloads.lines(document, listed) if document is not None else []
    return {
        "failed": failed,
        "tone": failed_list.TONES[failed.status],
        "label": faults.label(failed.code),
        "sentence": failed_list.sentence(failed),
        "actor": faults.ACTOR,
        "order": order if failed.reference else None,
        "run_url": _run_url(failed),
        "faults": [
            {"field": faults.field(one), "fault": faults.fault(one), "one": one} for one in listed
        ],
        "lines": [
            {"line": line, "faults": [faults.fault(one) for one in line.faults]} for line in shown
        ],
    }


def _run_url(failed: FailedOrder) -> str:
    run = failed.params.get("run") if failed.code == failing.CODE else None
    return reverse("admin:orders_importrun_change", args=[run]) if run else ""
