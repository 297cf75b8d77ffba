"""What administrators may do with a person, and what stands on the person's page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import belongings, clock, words
from config.kernel.admin import freshness, panels
from config.kernel.admin.buttons import Button, ButtonForm, Press
from config.kernel.models import User
from config.operations import mail
from config.people import clients
from config.people.models import AccessLink, Notice
from config.people.services import accounts, factors, guessing, links, notices, sessions

LINK_SHOWN = "link"


class NoQuestions(ButtonForm):
    """Nothing to ask."""


class LeaveForm(ButtonForm):
    """Asks who takes over what somebody leaves behind, and shows what that is."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Hand over to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody: it stays where it is"),
    )

    def arrange(self) -> None:
        """Offer everybody else who is here."""
        others = User.objects.filter(is_active=True).exclude(pk=self.record.pk)
        self.fields["to"].queryset = others.order_by("username")  # type: ignore[attr-defined]
        self.left = [
            {"title": kind.title, "things": things, "moves": kind.hand_over is not None}
            for kind in belongings.kinds()
            if (things := kind.of(self.record))
        ]
        if not any(kind["moves"] for kind in self.left):
            del self.fields["to"]
        self.keys = list(accounts.known_keys(self.record))


def _make_link(press: Press, purpose: AccessLink.Purpose) -> str:
    links.make(
        user=press.record, purpose=purpose, origin=clients.origin_of(press.request),
        at=clock.now(), made_by=press.actor.label,
    )  # fmt: skip
    if mail.is_set_up() and press.record.email:
        return _("A link is on its way to %(email)s.") % {"email": press.record.email}
    return _("The link is made. Mail is not set up: hand it over yourself.")


def _invite(press: Press) -> str:
    return _make_link(press, AccessLink.Purpose.INVITATION)


def _reset(press: Press) -> str:
    return _make_link(press, AccessLink.Purpose.RESET)


def _revoke(press: Press) -> str:
    links.revoke(user=press.record, at=clock.now())
    return _("The link does not work any more.")


def _show(press: Press) -> HttpResponse:
    page = reverse("admin:kernel_user_change", args=[press.record.pk])
    return HttpResponseRedirect(f"{page}?{LINK_SHOWN}=1")


def _unlock(press: Press) -> str:
    guessing.unlock(user=press.record, by=_by(press))
    return _("%(person)s can try again at once.") % {"person": press.record}


def _reset_factor(press: Press) -> str:
    factors.remove(user=press.record, by=_by(press), at=clock.now())
    sessions.end_all(user=press.record)
    return _("The second factor is removed. %(person)s signs in with the password only.") % {
        "person": press.record
    }


def _end_sessions(press: Press) -> str:
    sessions.end_all(user=press.record)
    return _("%(person)s is signed out everywhere.") % {"person": press.record}


def _deactivate(press: Press) -> str:
    accounts.deactivate(
        user=press.record,
        by=_by(press),
        to=press.answers.get("to"),
        actor=press.actor,
        at=clock.now(),
    )
    return _("%(person)s cannot sign in any more.") % {"person": press.record}


def _activate(press: Press) -> str:
    accounts.activate(user=press.record, by=_by(press))
    return _("%(person)s may sign in again.") % {"person": press.record}


def _by(press: Press) -> User:
    by: User = press.request.user  # type: ignore[assignment]
    return by


def _is_invited(user: User) -> bool:
    return user.is_active and not user.has_usable_password()


def _may_reset(user: User) -> bool:
    return user.is_active and user.has_usable_password()


def _has_link(user: User) -> bool:
    return bool(links.open_links(user_id=user.pk, at=clock.now()))


def _button(name: str, label: Promise, icon: str, run: Any, **more: Any) -> Button:
    return Button(
        name=name, label=label, icon=icon, run=run, permission="kernel.change_user",
        sensitive=True, **{"form": NoQuestions, **more},
    )  # fmt: skip


BUTTONS = (
    _button(
        "invite-again", gettext_lazy("Invite again"), "forward_to_inbox", _invite,
        applies=_is_invited,
        explain=gettext_lazy("A new link is mailed; the earlier one ends."),
    ),
    _button(
        "send-link", gettext_lazy("Send a password link"), "lock_reset", _reset,
        applies=_may_reset,
        explain=gettext_lazy("By it a new password is chosen, once, within two hours."),
    ),
    _button(
        "show-link", gettext_lazy("Show the link"), "link", _show, applies=_has_link,
        explain=gettext_lazy("Whoever has it chooses the password. Hand it to its owner only."),
    ),
    _button(
        "revoke-link", gettext_lazy("Revoke the link"), "link_off", _revoke, applies=_has_link,
        explain=gettext_lazy("It lets nobody in any more."),
    ),
    _button(
        "unlock", gettext_lazy("Unlock"), "lock_open", _unlock,
        applies=lambda user: bool(guessing.locks(user_id=user.pk, at=clock.now())),
        explain=gettext_lazy("After too many wrong attempts, let them try again at once."),
    ),
    _button(
        "reset-factor", gettext_lazy("Reset second factor"), "phonelink_erase", _reset_factor,
        applies=factors.has, tone="danger",
        explain=gettext_lazy(
            "For a lost phone. Make sure it is really them. If their role requires a second "
            "factor, they set one up at the next sign-in."
        ),
    ),
    _button(
        "end-sessions", gettext_lazy("Sign out everywhere"), "logout", _end_sessions,
        applies=lambda user: bool(sessions.of(user_id=user.pk, at=clock.now())),
        explain=gettext_lazy("On every device, at once. They may sign in again."),
    ),
    _button(
        "deactivate", gettext_lazy("Deactivate"), "person_off", _deactivate, tone="danger",
        form=LeaveForm, template="people/deactivate.html", applies=lambda user: user.is_active,
        explain=gettext_lazy(
            "Signed out at once and cannot sign in any more. What they did stays on record."
        ),
    ),
    _button(
        "activate", gettext_lazy("Activate"), "person_add", _activate,
        applies=lambda user: not user.is_active,
        explain=gettext_lazy("They may sign in again, with the rights they had."),
    ),
)  # fmt: skip


def _about(request: HttpRequest, user: User) -> dict[str, Any]:
    now = clock.now()
    open_link = next(iter(links.open_links(user_id=user.pk, at=now)), None)
    wants_link = LINK_SHOWN in request.GET and freshness.is_fresh(request)
    may_see = request.user.has_perm("kernel.change_user")
    return {
        "person": user,
        "link": open_link,
        "address": links.address(open_link) if open_link and wants_link and may_see else "",
        "notice": _told(notices.latest(user_id=user.pk), now),
        "mails_are_sent": mail.is_set_up(),
        "roles": list(user.groups.order_by("name")),
        "channels": list(user.channels.order_by("name")),
        "warehouses": accounts.limits(user),
        "has_factor": factors.has(user),
        "factor_required": factors.is_required(user),
        "locks": guessing.locks(user_id=user.pk, at=now),
        "sessions": sessions.of(user_id=user.pk, at=now),
    }


def _told(notice: Notice | None, now: Any) -> str:
    """Return what became of the last mail with a link."""
    if notice is None:
        return ""
    if notice.sent_at:
        return _("Mailed %(when)s.") % {"when": words.moment(notice.sent_at)}
    if notice.given_up_at:
        return _("The mail could not be sent.")
    if notice.attempts and now - notice.made_at > timedelta(seconds=30):
        return _("The mail could not be sent yet; it is tried again.")
    return _("The mail is on its way.")


panels.register(User, "about", load=_about, template="people/about_panel.html", position=10)
