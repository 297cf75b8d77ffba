"""Holds that are alike, each with the one answer that lets all of them go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, jobs, words
from config.kernel.admin import scope
from config.kernel.admin.buttons import Button, Press, ReasonForm
from orders.admin import mappings, order_list
from orders.models import Hold, Order
from orders.queries import exceptions
from orders.states import HoldKind, HoldStatus, OrderStatus

MAP, CREATE = "orders.add_productmapping", "inventory.add_product"


@dataclass(frozen=True, slots=True)
class Answer:
    """Something to do about a group, and where."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """Orders that wait for one thing."""

    title: str
    note: str
    number: str
    age: str
    answers: tuple[Answer, ...]


def of(request: HttpRequest, kind: str) -> list[Group]:
    """Return the groups of a cause, the largest first; none where each order is its own case."""
    if kind == HoldKind.UNKNOWN_PRODUCT:
        return list(_unknown(request))
    if kind == HoldKind.PRICE:
        return list(_prices(request))
    return []


def release_all_url(kind: str) -> str:
    """Return where all orders that wait for one cause are released together."""
    asked = {"all": 1, "view": "held", "hold": kind}
    return f"{reverse('admin:orders_order_bulk_release')}?{urlencode(asked)}"


def _unknown(request: HttpRequest) -> Iterator[Group]:
    channels, now = scope.channels(request), clock.now()
    for one in exceptions.unknown_skus(list(channels)):
        answers = []
        if request.user.has_perm(MAP):
            url = mappings.add_url(channel=one.channel_id, sku=one.sku, description=one.description)
            answers.append(Answer(_("Map"), url, "conversion_path"))
        if request.user.has_perm(CREATE):
            asked = urlencode({"sku": one.sku, "name": one.description})
            url = f"{reverse('admin:inventory_product_add')}?{asked}"
            answers.append(Answer(_("Create product"), url, "add"))
        yield Group(
            title=one.sku,
            note=" · ".join(filter(None, [channels[one.channel_id].name, one.description])),
            number=words.count(one.count),
            age=words.age(one.oldest, now),
            answers=tuple(answers),
        )


def _prices(request: HttpRequest) -> Iterator[Group]:
    now = clock.now()
    may_accept = request.user.has_perm("orders.release_hold")
    for one in exceptions.wrong_prices(list(scope.channels(request))):
        said = {
            "sku": one.sku,
            "price": words.unit_price(Decimal(one.price), one.currency),
            "expected": words.unit_price(Decimal(one.expected), one.currency),
        }
        note = _("never below %(expected)s") if one.is_floor else _("list price %(expected)s")
        asked = urlencode({"sku": one.sku, "price": one.price})
        url = f"{reverse('admin:orders_hold_accept_price')}?{asked}"
        accept = Answer(_("Accept this price"), url, "check")
        yield Group(
            title=_("%(sku)s at %(price)s") % said,
            note=note % said,
            number=words.count(one.count),
            age=words.age(one.oldest, now),
            answers=(accept,) if may_accept else (),
        )


class AcceptForm(ReasonForm):
    """Says which price, and how many orders wait for it."""

    def arrange(self) -> None:
        """Look at what is meant."""
        self.sku = self.request.GET.get("sku", "")[:64]
        self.price = self.request.GET.get("price", "")[:40]
        self.orders = _with_price(self.request, self.sku, self.price)
        self.number = self.orders.count()

    @property
    def told(self) -> str:
        """Return how many orders go on."""
        text = ngettext(
            "%(sku)s at %(price)s: %(count)s order",
            "%(sku)s at %(price)s: %(count)s orders",
            self.number,
        )
        return text % {"sku": self.sku, "price": self.price, "count": words.count(self.number)}

    def clean(self) -> dict[str, Any]:
        """Refuse when nobody waits for it any more."""
        if not self.number:
            raise forms.ValidationError(_("No order waits for this price any more."))
        return super().clean() or self.cleaned_data


def _with_price(request: HttpRequest, sku: str, price: str) -> QuerySet[Order]:
    waiting = Hold.objects.filter(
        kind=HoldKind.PRICE,
        status=HoldStatus.OPEN,
        params__contains={"lines": [{"sku": sku, "price": price}]},
    )
    orders = order_list.visible(request).filter(
        status=OrderStatus.OPEN, is_test=False, pk__in=waiting.values("order_id")
    )
    return orders.order_by("pk")


def _accept(press: Press) -> HttpResponse:
    form = press.request.GET
    sku, price = form.get("sku", "")[:64], form.get("price", "")[:40]
    job = jobs.start(
        kind="orders.accept_price",
        user=press.user,
        params={"sku": sku, "price": price, "reason": press.answers["reason"]},
        command_id=press.command_id,
        rows=_with_price(press.request, sku, price),
        label="number",
        at=clock.now(),
    )
    return HttpResponseRedirect(jobs.address(job))


BUTTONS = (
    Button(
        name="accept-price",
        label=gettext_lazy("Accept this price"),
        icon="check",
        permission="orders.release_hold",
        form=AcceptForm,
        run=_accept,
        collection=True,
        template="orders/told.html",
        explain=gettext_lazy(
            "Every order that waits for it goes on, unless something else holds it. "
            "New orders are checked as before."
        ),
    ),
)
