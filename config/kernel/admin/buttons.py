"""Buttons: each its own address, a page that explains and asks, one call of a service, an answer.

A button never saves a form of Django's: status, money and stock change through services only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.kernel import ids
from config.kernel.actors import Actor
from config.kernel.admin import freshness
from config.kernel.errors import DomainError

Text = Any  # a str, or one that is translated when shown


class ButtonForm(forms.Form):
    """What a button asks. `command_id` is fixed when the page opens: a double click runs once."""

    command_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: Any = None, request: HttpRequest, **kwargs: Any) -> None:
        self.record = record
        self.request = request
        kwargs.setdefault("initial", {}).setdefault("command_id", ids.new())
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.arrange()
        next(iter(self.visible_fields()), self["command_id"]).field.widget.attrs["autofocus"] = True

    def arrange(self) -> None:
        """Fit fields to the record; for subclasses."""


class ReasonForm(ButtonForm):
    """Asks for a reason, which stays with the change for ever."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Others read it in the timeline."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: who, on what, and what was answered."""

    request: HttpRequest
    record: Any
    answers: dict[str, Any]

    @property
    def actor(self) -> Actor:
        """Return the member of staff who pressed."""
        return Actor.staff(self.request.user)

    @property
    def user(self) -> Any:
        """Return who pressed."""
        return self.request.user

    @property
    def command_id(self) -> UUID:
        """Return the id under which this change is done once."""
        return self.answers["command_id"]


class Run(Protocol):
    """Calls one service and returns what to tell staff; a response of its own replaces the page."""

    def __call__(self, press: Press) -> str | HttpResponse: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something staff may do with a record, or with none when `collection` is set.

    An inline one stands somewhere on the page, not in its bar.
    """

    name: str
    label: Text
    permission: str
    run: Run
    explain: Text = ""
    icon: str = ""
    tone: str = ""
    confirm: Text = ""
    form: type[ButtonForm] = ReasonForm
    applies: Callable[[Any], bool] = field(default=lambda _record: True)
    collection: bool = False
    is_inline: bool = False
    sensitive: bool = False  # asks for the password again, unless that was a moment ago
    template: str = "console/button.html"


@dataclass(frozen=True, slots=True)
class Shown:
    """A button as a page shows it."""

    name: str
    label: Text
    icon: str
    tone: str
    url: str


class ButtonsMixin:
    """Gives a ModelAdmin its buttons: an address each, and links for pages."""

    buttons: Sequence[Button] = ()

    def get_urls(self) -> list[URLPattern]:
        """Put the buttons' addresses before Django's, which take everything."""
        return [self._path(button) for button in self.buttons] + super().get_urls()  # type: ignore[misc]

    def buttons_for(self, request: HttpRequest, record: Any = None) -> list[Shown]:
        """Return the buttons that this reader may press now, of a record or of the whole list."""
        return [
            Shown(
                button.name, button.label, button.icon, button.tone, self.button_url(button, record)
            )
            for button in self.buttons
            if button.collection == (record is None)
            and not button.is_inline
            and request.user.has_perm(button.permission)
            and (record is None or button.applies(record))
        ]

    def button_url(self, button: Button, record: Any = None) -> str:
        """Return a button's address."""
        args = [] if button.collection else [record.pk]
        return reverse(f"admin:{self._url_name(button)}", args=args)

    def record_for(self, request: HttpRequest, object_id: str) -> Any:
        """Return the record behind a button's address, or raise Http404; for subclasses."""
        record = self.get_queryset(request).filter(pk=object_id).first()  # type: ignore[attr-defined]
        if record is None:
            raise Http404
        return record

    def after_press(self, _request: HttpRequest, record: Any = None) -> str:
        """Return where a done button leads: the record's page, or the list."""
        opts = self.opts  # type: ignore[attr-defined]
        if record is None:
            return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])

    def _path(self, button: Button) -> URLPattern:
        view = self.admin_site.admin_view(  # type: ignore[attr-defined]
            require_http_methods(["GET", "POST"])(partial(self._pressed, button))
        )
        route = f"{button.name}/" if button.collection else f"<uuid:object_id>/{button.name}/"
        return path(route, view, name=self._url_name(button))

    def _url_name(self, button: Button) -> str:
        opts = self.opts  # type: ignore[attr-defined]
        return f"{opts.app_label}_{opts.model_name}_{button.name}".replace("-", "_")

    def _pressed(
        self, button: Button, request: HttpRequest, object_id: UUID | None = None
    ) -> HttpResponse:
        if not request.user.has_perm(button.permission):
            raise PermissionDenied
        if button.sensitive and not freshness.is_fresh(request):
            return freshness.ask(request)
        record = None if object_id is None else self.record_for(request, str(object_id))
        form = button.form(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            record=record,
            request=request,
        )
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                answer = _run(button, Press(request, record, form.cleaned_data), form)
                if isinstance(answer, HttpResponse):
                    return answer
                if isinstance(answer, str):
                    messages.success(request, answer)
                    return HttpResponseRedirect(self.after_press(request, record))
                status = answer
        return self._page(button, request, record, form, status)

    def _page(
        self, button: Button, request: HttpRequest, record: Any, form: ButtonForm, status: int
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "title": button.label,
            "button": button,
            "record": record,
            "form": form,
            "back": self.after_press(request, record),
            "may_press": record is None or button.applies(record),
        }
        return TemplateResponse(request, button.template, context, status=status)


def _run(button: Button, press: Press, form: ButtonForm) -> str | HttpResponse | int:
    """Run the service; a refusal becomes the form's error and its HTTP status is returned."""
    try:
        return button.run(press)
    except DomainError as refusal:
        form.add_error(None, refusal.told())
        return refusal.status
