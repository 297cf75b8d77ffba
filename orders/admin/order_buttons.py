"""What staff may do with an order; each button calls one service."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import clock, money, words
from config.kernel.admin.buttons import Button, ButtonForm, Press, ReasonForm
from orders.models import Hold, Order, OrderLine
from orders.services import address_correction, cancellation, holds, payments
from orders.services.cancellation import Part
from orders.states import HoldStatus, OrderStatus, TenderStatus

ADDRESS = {
    "name": gettext_lazy("Name"),
    "company": gettext_lazy("Company"),
    "line1": gettext_lazy("Address"),
    "line2": gettext_lazy("Address, second line"),
    "city": gettext_lazy("City"),
    "region": gettext_lazy("Region"),
    "postal_code": gettext_lazy("Postcode"),
    "country": gettext_lazy("Country"),
    "phone": gettext_lazy("Phone"),
}
LENGTHS = {"city": 120, "region": 120, "postal_code": 20, "country": 2, "phone": 40}


def reminder() -> forms.DateField:
    """Return a field for the day somebody wants to be reminded."""
    return forms.DateField(
        label=gettext_lazy("Remind on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("From that day on the hold stands first in the queue."),
    )


class HoldForm(ReasonForm):
    """Asks why, and when to look again."""

    remind_on = reminder()


class WhichHoldForm(ButtonForm):
    """Asks which of an order's open holds is meant."""

    hold = forms.ChoiceField(label=gettext_lazy("Hold"))

    def arrange(self) -> None:
        """Offer the open holds, the one that was clicked first."""
        still_open = Hold.objects.filter(order=self.record, status=HoldStatus.OPEN)
        self.fields["hold"].choices = [  # type: ignore[attr-defined]
            (str(hold.pk), hold.get_kind_display()) for hold in still_open.order_by("placed_at")
        ]
        self.initial["hold"] = self.request.GET.get("hold", "")


class ReleaseForm(WhichHoldForm, ReasonForm):
    """Asks which hold to release, and why."""

    field_order = ("hold", "reason")


class RemindForm(WhichHoldForm):
    """Asks for the day to be reminded of a hold."""

    remind_on = reminder()
    field_order = ("hold", "remind_on")

    def arrange(self) -> None:
        """Start from the day that is set."""
        super().arrange()
        still_open = Hold.objects.filter(order=self.record, status=HoldStatus.OPEN)
        days = {str(hold.pk): hold.remind_on for hold in still_open}
        self.initial["remind_on"] = days.get(self.initial["hold"])


class CancelForm(ReasonForm):
    """Asks for a number of units per line; everything, unless told otherwise."""

    field_order = ("reason",)

    def arrange(self) -> None:
        """Make a field per line that still has something to cancel; sets in units sold."""
        lines = OrderLine.objects.filter(order=self.record).order_by("position")
        parts = [line for line in lines if line.parent_line_id]
        for line in lines:
            left = _left(line, [part for part in parts if part.parent_line_id == line.pk])
            if left and line.parent_line_id is None:
                self.fields[f"line-{line.pk}"] = forms.IntegerField(
                    label=f"{line.sku} {line.description}",
                    min_value=0,
                    max_value=left,
                    initial=left,
                    help_text=_("of %(count)s") % {"count": words.count(left)},
                )

    def clean(self) -> dict[str, Any]:
        """Hand over the parts; all of them are the whole order."""
        cleaned = super().clean() or self.cleaned_data
        parts = list(self._parts(cleaned))
        if not parts and not self.errors:
            raise forms.ValidationError(_("Nothing is chosen to be cancelled."))
        return {**cleaned, "parts": parts}

    def _parts(self, cleaned: dict[str, Any]) -> Iterator[Part]:
        for name, units in cleaned.items():
            if name.startswith("line-") and units:
                yield Part(UUID(name.removeprefix("line-")), units)


def _left(line: OrderLine, parts: Sequence[OrderLine]) -> int:
    """What of a line has neither left nor been cancelled; of a set, what has left in no part."""
    if not parts:
        return line.ordered - line.cancelled - line.shipped
    return min(
        (part.ordered - part.cancelled - part.shipped) // (part.per_kit or 1) for part in parts
    )


class AddressForm(ButtonForm):
    """Asks for the whole delivery address."""

    def arrange(self) -> None:
        """Make a field per part, filled with what is known."""
        kept = self.record.shipping_address or {}
        for name, label in ADDRESS.items():
            self.fields[name] = forms.CharField(
                label=label,
                max_length=LENGTHS.get(name, 200),
                required=name == "country",
                initial=kept.get(name, ""),
            )
        self.fields["country"].help_text = _("Two letters, such as GB or DE.")


class PaymentForm(ButtonForm):
    """Asks for a tender that reached us outside the channel."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=Decimal(0))
    method = forms.CharField(
        label=gettext_lazy("Method"),
        max_length=40,
        help_text=gettext_lazy("Such as bank transfer or cash."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=120,
        help_text=gettext_lazy("The bank's or the gateway's; the same one is recorded once."),
    )

    def arrange(self) -> None:
        """Suppose that what is due was paid, in the order's currency."""
        order = self.record
        due = max(order.total_amount - order.paid_amount, Decimal(0))
        self.initial["amount"] = money.quantize(due, order.currency)
        self.fields["amount"].help_text = order.currency

    def clean_amount(self) -> Decimal:
        """Refuse nothing, and more decimals than the currency has."""
        amount: Decimal = self.cleaned_data["amount"]
        if not amount or amount != money.quantize(amount, self.record.currency):
            raise forms.ValidationError(_("This is not an amount of money."))
        return amount


def _record_payment(press: Press) -> str:
    payments.record(
        order_id=press.record.pk,
        method=press.answers["method"],
        status=TenderStatus.PAID,
        amount=press.answers["amount"],
        reference=press.answers["reference"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("The payment is recorded.")


def _hold(press: Press) -> str:
    reason = press.answers["reason"]
    holds.place(
        order_ids=[press.record.pk],
        reason=reason,
        remind_on=press.answers["remind_on"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("The order is on hold.")


def _remind(press: Press) -> str:
    holds.remind(
        hold_id=UUID(press.answers["hold"]),
        on=press.answers["remind_on"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("The reminder is set.") if press.answers["remind_on"] else _("The reminder is gone.")


def _release(press: Press) -> str:
    holds.release(
        hold_id=UUID(press.answers["hold"]),
        reason=press.answers["reason"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("The hold is released.")


def _cancel(press: Press) -> str:
    parts = press.answers["parts"]
    outcome = cancellation.cancel(
        order_id=press.record.pk,
        parts=parts,
        reason=press.answers["reason"],
        actor=press.actor,
        at=clock.now(),
    )
    if outcome.cancellation == cancellation.REQUESTED:
        return _("The warehouse is asked to stop; what it can still stop will be cancelled.")
    return _("Cancelled.")


def _correct_address(press: Press) -> str:
    """The same correction serves every order held for the same address."""
    address = {name: press.answers[name] for name in ADDRESS}
    others = address_correction.alike(order_id=press.record.pk)
    checked = [
        address_correction.correct(
            order_id=order_id, address=address, actor=press.actor, at=clock.now()
        )
        for order_id in (press.record.pk, *others)
    ]
    if not checked[0].ok:
        return _("The address is kept, but it still does not look right; the order stays on hold.")
    if not others:
        return _("The address is corrected.")
    text = ngettext(
        "The address is corrected, and that of %(count)d order held for the same one.",
        "The address is corrected, and that of %(count)d orders held for the same one.",
        len(others),
    )
    return text % {"count": len(others)}


def _is_open(order: Order) -> bool:
    return order.status == OrderStatus.OPEN


def _is_owed(order: Order) -> bool:
    return _is_open(order) and order.paid_amount < order.total_amount


def _is_held(order: Order) -> bool:
    return order.is_held


BUTTONS = (
    Button(
        name="release-hold",
        label=gettext_lazy("Release hold"),
        icon="play_arrow",
        permission="orders.release_hold",
        form=ReleaseForm,
        run=_release,
        applies=_is_held,
        explain=gettext_lazy("The order goes on as soon as nothing else holds it."),
    ),
    Button(
        name="correct-address",
        label=gettext_lazy("Correct address"),
        icon="edit_location_alt",
        permission="orders.change_order",
        form=AddressForm,
        run=_correct_address,
        applies=_is_open,
        explain=gettext_lazy("The address is checked again; if it holds, the order goes on."),
        confirm=gettext_lazy("Save address"),
    ),
    Button(
        name="record-payment",
        label=gettext_lazy("Record payment"),
        icon="payments",
        permission="orders.add_payment",
        form=PaymentForm,
        run=_record_payment,
        applies=_is_owed,
        explain=gettext_lazy("What was paid goes on the order; if it waited for it, it goes on."),
    ),
    Button(
        name="hold",
        label=gettext_lazy("Put on hold"),
        icon="front_hand",
        permission="orders.hold_order",
        form=HoldForm,
        run=_hold,
        applies=_is_open,
        explain=gettext_lazy("The order keeps its stock and does not leave until it is released."),
    ),
    Button(
        name="remind",
        label=gettext_lazy("Remind me"),
        icon="notifications",
        permission="orders.hold_order",
        form=RemindForm,
        run=_remind,
        applies=_is_held,
        explain=gettext_lazy("Leave the day empty to forget a reminder."),
        confirm=gettext_lazy("Save"),
    ),
    Button(
        name="cancel",
        label=gettext_lazy("Cancel"),
        icon="cancel",
        tone="danger",
        permission="orders.cancel_order",
        form=CancelForm,
        run=_cancel,
        applies=_is_open,
        explain=gettext_lazy("Allocated stock goes back at once, to whoever waits for it."),
        confirm=gettext_lazy("Cancel these units"),
    ),
)
