"""Giving stock of one order to another: asked at the line that has it, or at the one that waits.

Both lead to the same service; the choices are lines of other orders, the likeliest first.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, words
from config.kernel.admin import scope
from config.kernel.admin.buttons import Button, Press, ReasonForm
from inventory.models import Reservation
from orders import holding
from orders.models import Order, OrderLine
from orders.queries import giving as candidates
from orders.queries.giving import Side
from orders.services import giving
from orders.services.giving import Gift
from orders.states import Action, HoldKind, OrderStatus, Priority

MAY_GIVE = "orders.give_stock"
BLOCKING = [
    str(kind)
    for kind in HoldKind
    if kind != HoldKind.SHORTAGE and holding.blocks([kind], Action.ALLOCATE)
]


class SideForm(ReasonForm):
    """Asks which other order, how many units, and why."""

    line = forms.ModelChoiceField(queryset=OrderLine.objects.none(), widget=forms.HiddenInput)
    other = forms.ChoiceField(label=gettext_lazy("Order"), widget=forms.RadioSelect)
    quantity = forms.IntegerField(label=gettext_lazy("Units"), min_value=1)
    field_order: Sequence[str] = ("other", "quantity", "reason")

    find: Callable[[HttpRequest, OrderLine], Sequence[tuple[str, Side]]]
    nobody: Any

    def arrange(self) -> None:
        """Offer the lines of other orders, the likeliest chosen already."""
        lines = OrderLine.objects.filter(order=self.record).select_related("product")
        self.fields["line"].queryset = lines  # type: ignore[attr-defined]
        wanted = self.data.get("line") or self.request.GET.get("line", "")
        line = None
        with suppress(ValueError):
            line = lines.filter(pk=UUID(wanted)).first()
        self.asked = line
        self.offered = dict(type(self).find(self.request, line)) if line else {}
        self.fields["other"].choices = [  # type: ignore[attr-defined]
            (key, _told(side)) for key, side in self.offered.items()
        ]
        self.initial["line"] = line and line.pk
        if not self.offered:
            return
        first = next(iter(self.offered))
        self.initial["other"] = first
        self.initial["quantity"] = self.most(self.offered[first])
        if line and line.product:
            self.fields["quantity"].help_text = str(line.product)

    def most(self, side: Side) -> int:
        """Return how many units can change hands at most: what the other side has."""
        return side.units

    def clean(self) -> dict[str, Any]:
        """Hand over the other side."""
        cleaned = super().clean() or self.cleaned_data
        return {**cleaned, "side": self.offered.get(cleaned.get("other", ""))}


def _told(side: Side) -> str:
    """One line to choose by: who, how many, when."""
    units = _("%(count)s units") % {"count": words.count(side.units)}
    by = words.deadline(side.ship_by, clock.now()) if side.ship_by else "–"
    parts = [side.number, side.customer, side.warehouse, units, _("ship by %(by)s") % {"by": by}]
    if side.priority != Priority.NORMAL:
        parts.append(str(Priority(side.priority).label))
    return " · ".join(part for part in parts if part)


def _givers(request: HttpRequest, line: OrderLine) -> list[tuple[str, Side]]:
    if line.product_id is None:
        return []
    found = candidates.givers(
        product_id=line.product_id,
        order_id=line.order_id,
        channel_ids=list(scope.channels(request)),
    )
    return [(f"{side.line_id}.{side.level_id}", side) for side in found]


def _takers(request: HttpRequest, line: OrderLine) -> list[tuple[str, Side]]:
    if line.product_id is None:
        return []
    found = candidates.takers(
        product_id=line.product_id,
        order_id=line.order_id,
        channel_ids=list(scope.channels(request)),
        blocking=BLOCKING,
    )
    return [(str(side.line_id), side) for side in found]


class TakeForm(SideForm):
    """From the line that waits: whose stock it gets."""

    find = staticmethod(_givers)
    nobody = gettext_lazy("No other order has any of it allocated that you may see.")

    def most(self, side: Side) -> int:
        """Return what is missing, or as much as the other has."""
        missing = self.asked.backordered + self.asked.pending if self.asked else 0
        return min(missing, side.units)


class GiveForm(SideForm):
    """From the line that has stock: who gets it, and from which warehouse."""

    find = staticmethod(_takers)
    nobody = gettext_lazy("No other order waits for it that you may see.")
    level = forms.ChoiceField(label=gettext_lazy("From"))
    field_order = ("other", "level", "quantity", "reason")

    def arrange(self) -> None:
        """Offer also the warehouses it is allocated in."""
        super().arrange()
        promises = Reservation.objects.filter(demand_id__in=[self.asked.pk] if self.asked else [])
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (str(one.level_id), f"{one.level.warehouse.code}: {words.count(one.quantity)}")
            for one in promises.select_related("level__warehouse").order_by("-quantity")
        ]

    def most(self, side: Side) -> int:
        """Return what the other misses, or as much as there is."""
        return min(self.asked.reserved if self.asked else 0, side.units)


def _take(press: Press) -> str:
    side: Side = press.answers["side"]
    assert side.level_id is not None  # noqa: S101 - who has units has them somewhere
    line = press.answers["line"]
    gift = Gift(side.line_id, line.pk, side.level_id, press.answers["quantity"])
    return _run(press, gift, side.number, press.record.number)


def _give(press: Press) -> str:
    side: Side = press.answers["side"]
    line, level = press.answers["line"], UUID(press.answers["level"])
    gift = Gift(line.pk, side.line_id, level, press.answers["quantity"])
    return _run(press, gift, press.record.number, side.number)


def _run(press: Press, gift: Gift, giver: str, taker: str) -> str:
    giving.give(
        gift=gift,
        reason=press.answers["reason"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    told = {"giver": giver, "taker": taker, "count": words.count(gift.quantity)}
    return _("%(giver)s has given %(count)s to %(taker)s and waits in its place.") % told


def _is_open(order: Order) -> bool:
    return order.status == OrderStatus.OPEN


BUTTONS = (
    Button(
        name="take-stock",
        label=gettext_lazy("Get stock from another order"),
        icon="move_down",
        permission=MAY_GIVE,
        form=TakeForm,
        run=_take,
        applies=_is_open,
        is_inline=True,
        template="orders/give.html",
        explain=gettext_lazy(
            "The units are allocated to this order; the other one is backordered and waits. Those "
            "that are due last stand first."
        ),
        confirm=gettext_lazy("Take these units"),
    ),
    Button(
        name="give-stock",
        label=gettext_lazy("Give stock to another order"),
        icon="move_up",
        permission=MAY_GIVE,
        form=GiveForm,
        run=_give,
        applies=_is_open,
        is_inline=True,
        template="orders/give.html",
        explain=gettext_lazy(
            "This order is backordered for what it gives and waits. Those that are due first stand "
            "first."
        ),
        confirm=gettext_lazy("Give these units"),
    ),
)
