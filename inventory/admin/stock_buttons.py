"""The buttons that change a product's stock: each calls one service of inventory."""

from collections.abc import Callable
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import clock, words
from config.kernel.admin.buttons import Button, Press
from inventory.admin import stock_forms as forms
from inventory.booking import Posted
from inventory.models import BinStock, Product
from inventory.services import adjustments, moves, receiving, shortfalls, transfers
from inventory.services.receiving import Arrival
from inventory.services.transfers import Parcel

CHANGE_STOCK = "inventory.change_stocklevel"
GOOD, DAMAGED = BinStock.Condition.GOOD, BinStock.Condition.DAMAGED


def _book(press: Press, book: Callable[[], Posted]) -> Posted:
    """Book a change that may take promised stock, if staff agreed to let orders wait."""
    return shortfalls.through(
        book=book,
        may_wait=press.answers["may_wait"],
        actor=press.actor,
        at=clock.now(),
    )


def _goods_in(press: Press) -> str:
    asked = press.answers
    arrival = Arrival(
        product_id=press.record.pk,
        quantity=asked["quantity"],
        bin_id=asked["bin"] and asked["bin"].pk,
        lot=asked["lot"] or None,
        condition=asked["condition"],
    )
    receiving.receive(
        warehouse_id=asked["warehouse"].pk,
        arrivals=[arrival],
        command_id=press.command_id,
        document=asked["document"],
        actor=press.actor,
        at=clock.now(),
    )
    return _("%(count)s × %(sku)s booked in.") % _told(press)


def _adjust(press: Press) -> str:
    asked = press.answers
    book = partial(
        adjustments.adjust,
        product_id=press.record.pk,
        warehouse_id=asked["warehouse"].pk,
        quantity=asked["quantity"],
        reason=asked["reason"],
        bin_id=asked["bin"] and asked["bin"].pk,
        condition=asked["condition"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    _book(press, book)
    return _("The stock of %(sku)s is adjusted.") % {"sku": press.record.sku}


def _move(press: Press) -> str:
    asked = press.answers
    content, _figure = asked["content"]
    moves.move(
        product_id=press.record.pk,
        from_bin_id=content.bin_id,
        to_bin_id=asked["to_bin"].pk,
        quantity=asked["quantity"],
        lot=content.lot,
        condition=content.condition,
        reason=asked["reason"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    return _("%(count)s × %(sku)s moved.") % _told(press)


def _count(press: Press) -> str:
    asked = press.answers
    content, figure = asked["content"]
    book = partial(
        adjustments.count_bin,
        product_id=press.record.pk,
        bin_id=content.bin_id,
        counted=asked["counted"],
        based_on=figure,
        lot=content.lot,
        condition=content.condition,
        reason=asked["reason"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    _book(press, book)
    return _("The count of %(sku)s is booked.") % {"sku": press.record.sku}


def _change_condition(press: Press) -> str:
    asked = press.answers
    content, _figure = asked["content"]
    book = partial(
        adjustments.change_condition,
        product_id=press.record.pk,
        bin_id=content.bin_id,
        quantity=asked["quantity"],
        to=GOOD if content.condition == DAMAGED else DAMAGED,
        reason=asked["reason"],
        lot=content.lot,
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    _book(press, book)
    return _("%(count)s × %(sku)s changed.") % _told(press)


def _transfer(press: Press) -> str:
    asked = press.answers
    transfer = transfers.send(
        source_id=asked["warehouse"].pk,
        destination_id=asked["destination"].pk,
        parcels=[Parcel(press.record.pk, asked["quantity"])],
        expected_on=asked["expected_on"],
        note=asked["note"],
        command_id=press.command_id,
        actor=press.actor,
        at=clock.now(),
    )
    return _("Transfer %(number)s is on its way.") % {"number": transfer.number}


def _told(press: Press) -> dict[str, str]:
    return {"count": words.count(press.answers["quantity"]), "sku": press.record.sku}


def _is_stocked(product: Product) -> bool:
    return product.is_stocked


BUTTONS = (
    Button(
        name="goods-in",
        label=gettext_lazy("Goods in"),
        icon="move_to_inbox",
        tone="primary",
        permission=CHANGE_STOCK,
        form=forms.GoodsInForm,
        run=_goods_in,
        applies=_is_stocked,
        explain=gettext_lazy("Waiting orders get their share at once, the most urgent first."),
    ),
    Button(
        name="adjust",
        label=gettext_lazy("Adjust"),
        icon="exposure",
        permission=CHANGE_STOCK,
        form=forms.AdjustForm,
        run=_adjust,
        applies=_is_stocked,
        explain=gettext_lazy("What is allocated to orders stays theirs, unless you say otherwise."),
    ),
    Button(
        name="move",
        label=gettext_lazy("Move"),
        icon="swap_horiz",
        permission=CHANGE_STOCK,
        form=forms.MoveForm,
        run=_move,
        applies=_is_stocked,
        explain=gettext_lazy("On hand stays as it is; a quarantine bin makes it unavailable."),
    ),
    Button(
        name="count",
        label=gettext_lazy("Count"),
        icon="fact_check",
        permission=CHANGE_STOCK,
        form=forms.CountForm,
        run=_count,
        applies=_is_stocked,
        explain=gettext_lazy("If goods move while you count, you are asked to count again."),
    ),
    Button(
        name="condition",
        label=gettext_lazy("Damaged or good"),
        icon="broken_image",
        permission=CHANGE_STOCK,
        form=forms.ConditionForm,
        run=_change_condition,
        applies=_is_stocked,
        explain=gettext_lazy("Good units become damaged and unavailable; damaged ones good again."),
    ),
    Button(
        name="transfer",
        label=gettext_lazy("Transfer"),
        icon="local_shipping",
        permission="inventory.add_transfer",
        form=forms.TransferForm,
        run=_transfer,
        applies=_is_stocked,
        explain=gettext_lazy("What is under way can be sold nowhere, and is shown as incoming."),
    ),
)
