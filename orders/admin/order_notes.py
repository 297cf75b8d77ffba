"""Notes and tags on an order's page: written, pinned and taken off in place."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, ids, tags
from config.kernel.admin.buttons import Button, ButtonForm, Press, Run
from orders.models import Order, OrderNote
from orders.models.notes import LONGEST
from orders.services import notes, tagging

MAY = "orders.note_order"
SHOWN = 100


class NoteForm(ButtonForm):
    """Asks for a note."""

    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )
    is_pinned = forms.BooleanField(
        label=gettext_lazy("Pin to the top of the order"), required=False
    )


class ChosenNoteForm(ButtonForm):
    """Names a note of the order."""

    note = forms.ModelChoiceField(OrderNote.objects.none(), widget=forms.HiddenInput)

    def arrange(self) -> None:
        """Take the order's own notes only."""
        self.fields["note"].queryset = OrderNote.objects.filter(order=self.record)  # type: ignore[attr-defined]
        self.initial["note"] = self.request.GET.get("note", "")


class OrderTagForm(ButtonForm):
    """Asks for a tag."""

    tag = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "k-tags-offered", "autocomplete": "off"}),
    )


def facts(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the page shows of notes and tags, in one statement."""
    palette = tags.palette(used=order.tags)
    written = list(OrderNote.objects.filter(order=order).order_by("-is_pinned", "-id")[:SHOWN])
    return {
        "notes": written,
        "pinned": written[0] if written and written[0].is_pinned else None,
        "chips": palette.chips(order.tags),
        "tags_offered": palette.offered,
        "may_note": request.user.has_perm(MAY),
        "command_id": ids.new(),
        **{
            f"{name.replace('-', '_')}_url": reverse(
                f"admin:orders_order_{name.replace('-', '_')}", args=[order.pk]
            )
            for name in ("add-note", "pin-note", "unpin-note", "remove-note", "tag", "untag")
        },
    }


def _write(press: Press) -> str:
    notes.write(
        order_id=press.record.pk,
        text=press.answers["text"],
        is_pinned=press.answers["is_pinned"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    return _("The note is written.")


def _with_note(change: Callable[..., None], told: Callable[[], str]) -> Run:
    def run(press: Press) -> str:
        change(note_id=press.answers["note"].pk, actor=press.actor, at=clock.now())
        return told()

    return run


def _with_tag(change: Callable[..., Any], told: Callable[[], str]) -> Run:
    def run(press: Press) -> str:
        change(
            order_ids=[press.record.pk],
            name=press.answers["tag"],
            actor=press.actor,
            at=clock.now(),
        )
        return told()

    return run


def _button(name: str, label: Any, form: type[ButtonForm], run: Run, **more: Any) -> Button:
    return Button(
        name=name, label=label, permission=MAY, form=form, run=run, is_inline=True, **more
    )


BUTTONS = (
    _button("add-note", gettext_lazy("Add note"), NoteForm, _write),
    _button(
        "pin-note",
        gettext_lazy("Pin note"),
        ChosenNoteForm,
        _with_note(notes.pin, lambda: _("The note is pinned.")),
    ),
    _button(
        "unpin-note",
        gettext_lazy("Unpin note"),
        ChosenNoteForm,
        _with_note(notes.unpin, lambda: _("The note is not pinned any more.")),
    ),
    _button(
        "remove-note",
        gettext_lazy("Remove note"),
        ChosenNoteForm,
        _with_note(notes.remove, lambda: _("The note is removed.")),
        tone="danger",
        explain=gettext_lazy("It is gone for good; the timeline keeps that there was one."),
    ),
    _button(
        "tag",
        gettext_lazy("Add tag"),
        OrderTagForm,
        _with_tag(tagging.tag, lambda: _("The tag is added.")),
    ),
    _button(
        "untag",
        gettext_lazy("Remove tag"),
        OrderTagForm,
        _with_tag(tagging.untag, lambda: _("The tag is removed.")),
    ),
)
