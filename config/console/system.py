"""The *System* page: what the doctor finds, the backups, and what an administrator does here."""

from typing import Any

from celery import current_app
from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.console.health import MAY_CHANGE, MAY_SEE, TONES
from config.kernel import clock, errors, installation
from config.kernel.admin import bases
from config.kernel.admin.buttons import Button, ButtonForm, Press
from config.kernel.models import Installation
from config.operations import doctor, mail
from config.operations.models import Backup

LAST_BACKUPS = 10
BACK_UP = "config.operations.tasks.back_up"


class QueueAway(errors.DomainError):
    """The queue does not take the work."""

    code = "queue_away"
    title = "The queue does not answer; look at Redis first."


class Sure(ButtonForm):
    """Nothing to ask."""


class TestMailForm(ButtonForm):
    """Where the test goes."""

    to = forms.EmailField(label=gettext_lazy("To"))

    def arrange(self) -> None:
        """Offer one's own address."""
        self.initial["to"] = getattr(self.request.user, "email", "")


def _send_test(press: Press) -> str:
    to = press.answers["to"]
    mail.send_test(to=to)
    if mail.is_set_up():
        return _("Sent. See whether it arrives at %(to)s.") % {"to": to}
    return _("Kept as a file: mail is not set up, so it reaches nobody.")


def _back_up(press: Press) -> str:  # noqa: ARG001
    try:
        current_app.send_task(BACK_UP, kwargs={"kind": Backup.Kind.BY_HAND}, retry=False)
    except Exception as error:  # whatever the queue's client raises
        raise QueueAway from error
    return _("A backup is being made; it stands in the list in a moment.")


def _resume_webhooks(press: Press) -> str:  # noqa: ARG001
    if installation.resume_webhooks():
        return _("Webhooks go out again.")
    return _("They were not paused.")


def _turn_checklist(press: Press) -> str:  # noqa: ARG001
    shown = installation.read().checklist_hidden_at is not None
    installation.show_checklist(shown=shown, at=clock.now())
    return _("The list stands on Today again.") if shown else _("The list is put away.")


@admin.register(Installation)
class SystemAdmin(bases.FactsAdmin):
    """One page; the installation has no page of a record."""

    buttons = (
        Button(
            name="test-mail",
            label=gettext_lazy("Send a test mail"),
            icon="outgoing_mail",
            permission=MAY_CHANGE,
            collection=True,
            form=TestMailForm,
            run=_send_test,
            confirm=gettext_lazy("Send"),
        ),
        Button(
            name="back-up",
            label=gettext_lazy("Back up now"),
            icon="save",
            permission=MAY_CHANGE,
            collection=True,
            form=Sure,
            run=_back_up,
            explain=gettext_lazy("Everything goes on meanwhile."),
        ),
        Button(
            name="resume-webhooks",
            label=gettext_lazy("Resume webhooks"),
            icon="play_arrow",
            tone="primary",
            permission=MAY_CHANGE,
            collection=True,
            form=Sure,
            run=_resume_webhooks,
            explain=gettext_lazy(
                "The data was restored from a backup. Receivers know what happened after it was "
                "made; from now on they are told what happens here."
            ),
        ),
        Button(
            name="checklist",
            label=gettext_lazy("Getting-started list"),
            icon="checklist",
            permission=MAY_CHANGE,
            collection=True,
            form=Sure,
            run=_turn_checklist,
            explain=gettext_lazy("It stands on Today until it is put away; here it comes back."),
            confirm=gettext_lazy("Put away or bring back"),
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is well and what is not; the servers are asked now."""
        here = installation.read()
        unneeded = set() if here.webhooks_paused_at else {"resume-webhooks"}
        return self.show(
            request,
            "console/system.html",
            _("System"),
            findings=[
                {"finding": one, "tone": TONES[one.state], "state": _STATES[one.state]}
                for one in doctor.examine()
            ],
            here=here,
            mail_is_set_up=mail.is_set_up(),
            backups=Backup.objects.order_by("-ended_at")[:LAST_BACKUPS],
            page_buttons=[one for one in self.buttons_for(request) if one.name not in unneeded],
            **(extra_context or {}),
        )

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return bool(request.user.has_perm(MAY_SEE))

    def after_press(self, _request: HttpRequest, _record: Any = None) -> str:
        """Go back to the one page there is."""
        return reverse("admin:kernel_installation_changelist")


_STATES = {
    doctor.State.OK: gettext_lazy("well"),
    doctor.State.WARNING: gettext_lazy("warning"),
    doctor.State.FAILED: gettext_lazy("failed"),
}
