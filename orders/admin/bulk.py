"""What staff do with many orders of the list: chosen ones, or all that match; each is a job."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, jobs, tags, words
from config.kernel.admin import scope
from config.kernel.admin.buttons import Button, ButtonForm, Press, ReasonForm, Run
from orders.admin import order_asked, order_list
from orders.models import Order
from orders.queries import console, views
from orders.states import HoldKind

MOST = 100_000
PREFIX = "bulk-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The orders something is to be done with, and how they were chosen."""

    orders: QuerySet[Order]
    is_all: bool
    chips: Sequence[str]
    back: str

    def count(self) -> int:
        """Return how many they are; one more than a job may be about at most."""
        return self.orders.order_by()[: MOST + 1].count()


def chosen(request: HttpRequest) -> Chosen:
    """Return what the list's form sent: the ticked orders, or all that match its filters."""
    wanted = order_asked.read(request.GET)
    back = wanted.address()
    if not request.GET.get("all"):
        ticked = list(_ids(request.GET.getlist("ids")[: console.PER_PAGE]))
        orders = order_list.visible(request).filter(pk__in=ticked)
        return Chosen(orders.order_by(*views.BY_URGENCY), is_all=False, chips=(), back=back)
    chips = [text for text, _address in order_asked.chips(wanted, scope.channels(request))]
    told = [*([wanted.term] if wanted.term else [str(views.VIEWS[wanted.view].label)]), *chips]
    return Chosen(order_list.matching(request, wanted), is_all=True, chips=told, back=back)


def _ids(given: Sequence[str]) -> Any:
    for text in given:
        with suppress(ValueError):
            yield UUID(text)


class BulkForm(ButtonForm):
    """Says how many orders it is about; refuses none, and more than `most`."""

    most: int | None = MOST

    def arrange(self) -> None:
        """Look at what was chosen."""
        self.chosen = chosen(self.request)
        self.number = self.chosen.count()

    @property
    def told(self) -> str:
        """Return how many orders it is about."""
        if self.number > MOST:
            return _("More than %(most)s orders") % {"most": words.count(MOST)}
        counted = {"count": words.count(self.number)}
        return ngettext("%(count)s order", "%(count)s orders", self.number) % counted

    @property
    def sample(self) -> list[str]:
        """Return the numbers of the first few."""
        return list(self.chosen.orders.values_list("number", flat=True)[:8])

    def clean(self) -> dict[str, Any]:
        """Refuse what no job can be about."""
        if not self.number:
            raise forms.ValidationError(_("No order is chosen."))
        if self.most is not None and self.number > self.most:
            told = _("At most %(most)s orders at once; narrow the list down.")
            raise forms.ValidationError(told % {"most": words.count(self.most)})
        return super().clean() or self.cleaned_data


class BulkReasonForm(BulkForm, ReasonForm):
    """Asks for a reason."""


class BulkReleaseForm(BulkReasonForm):
    """Asks for the cause of the holds to be lifted."""

    kind = forms.ChoiceField(
        label=gettext_lazy("On hold for"),
        required=False,
        choices=[("", gettext_lazy("Every cause")), *HoldKind.choices],
    )
    field_order = ("kind", "reason")

    def arrange(self) -> None:
        """Suppose the cause that the list is narrowed down to."""
        super().arrange()
        self.initial["kind"] = self.request.GET.get("hold", "")


class TagForm(BulkForm):
    """Asks for a tag; those in use are offered while typing."""

    tag = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "k-tags-offered", "autocomplete": "off"}),
    )

    def clean_tag(self) -> str:
        """Refuse what is no tag."""
        name: str = self.cleaned_data["tag"]
        if "," in name or not name.isprintable():
            raise forms.ValidationError(_("A tag is a word or two, without a comma."))
        return name

    def offered(self) -> Sequence[str]:
        """Return the tags in use."""
        return tags.palette().offered


def _start(kind: str, *asked: str) -> Run:
    def run(press: Press) -> HttpResponse:
        job = jobs.start(
            kind=kind,
            user=press.user,
            params={name: press.answers[name] for name in asked},
            command_id=press.command_id,
            rows=chosen(press.request).orders,
            label="number",
            at=clock.now(),
        )
        return HttpResponseRedirect(jobs.address(job))

    return run


class ExportForm(BulkForm):
    """Asks how the file is to be written; it may be about any number of orders."""

    most = None
    rows = forms.ChoiceField(
        label=gettext_lazy("Rows"),
        choices=[("order", gettext_lazy("One per order")), ("line", gettext_lazy("One per line"))],
    )
    for_excel = forms.BooleanField(
        label=gettext_lazy("For Excel"),
        help_text=gettext_lazy("Marks the file as UTF-8, which Excel needs to read é and ü."),
        required=False,
        initial=True,
    )


def _export(press: Press) -> HttpResponse:
    found = chosen(press.request)
    what: dict[str, Any] = {"ids": [str(pk) for pk in found.orders.values_list("pk", flat=True)]}
    if found.is_all:
        asked = order_asked.read(press.request.GET)
        what = {"query": asked.kept(), "at": clock.now().isoformat()}
    job = jobs.start(
        kind="orders.export",
        user=press.user,
        params={
            **what,
            "by_line": press.answers["rows"] == "line",
            "for_excel": press.answers["for_excel"],
        },
        command_id=press.command_id,
        at=clock.now(),
    )
    return HttpResponseRedirect(jobs.address(job))


def _button(name: str, **more: Any) -> Button:
    return Button(name=f"{PREFIX}{name}", collection=True, template="orders/bulk.html", **more)


BUTTONS = (
    _button(
        "hold",
        label=gettext_lazy("Put on hold"),
        icon="front_hand",
        permission="orders.hold_order",
        form=BulkReasonForm,
        run=_start("orders.hold", "reason"),
        explain=gettext_lazy("They keep their stock and do not leave until they are released."),
    ),
    _button(
        "release",
        label=gettext_lazy("Release holds"),
        icon="play_arrow",
        permission="orders.release_hold",
        form=BulkReleaseForm,
        run=_start("orders.release", "kind", "reason"),
        explain=gettext_lazy("Each order goes on as soon as nothing else holds it."),
    ),
    _button(
        "tag",
        label=gettext_lazy("Add tag"),
        icon="new_label",
        permission="orders.note_order",
        form=TagForm,
        run=_start("orders.tag", "tag"),
    ),
    _button(
        "untag",
        label=gettext_lazy("Remove tag"),
        icon="label_off",
        permission="orders.note_order",
        form=TagForm,
        run=_start("orders.untag", "tag"),
    ),
    _button(
        "export",
        label=gettext_lazy("Export"),
        icon="download",
        permission="orders.export_order",
        form=ExportForm,
        run=_export,
        confirm=gettext_lazy("Export as CSV"),
    ),
    _button(
        "cancel",
        label=gettext_lazy("Cancel orders"),
        icon="cancel",
        tone="danger",
        permission="orders.cancel_order",
        form=BulkReasonForm,
        run=_start("orders.cancel", "reason"),
        explain=gettext_lazy("What has not left is cancelled; allocated stock goes back at once."),
        confirm=gettext_lazy("Cancel these orders"),
    ),
)
