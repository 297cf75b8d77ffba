"""What the buttons that change stock ask: where, how many, and why."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import words
from config.kernel.admin.buttons import ButtonForm
from inventory.models import Bin, BinStock, Warehouse

MOST = 1_000_000


def quantity(label: Any = None, **options: Any) -> forms.IntegerField:
    """Return a field for a number of units."""
    label = label or gettext_lazy("Quantity")
    return forms.IntegerField(label=label, **{"min_value": 1, "max_value": MOST, **options})


def reason(*, required: bool) -> forms.CharField:
    """Return a field for the reason that the ledger keeps."""
    return forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=required)


def may_wait() -> forms.BooleanField:
    """Return a field that lets orders wait for what turns out to be missing."""
    return forms.BooleanField(
        label=gettext_lazy("If it is allocated, let the orders that are due last wait"),
        required=False,
    )


class WarehouseForm(ButtonForm):
    """Asks for one of the warehouses the reader may see."""

    warehouse = forms.ModelChoiceField(
        label=gettext_lazy("Warehouse"), queryset=Warehouse.objects.none(), empty_label=None
    )

    def arrange(self) -> None:
        """Offer the reader's active warehouses, the first asked first."""
        seen = Warehouse.objects.visible_to(self.request.user).filter(is_active=True)
        self.fields["warehouse"].queryset = seen.order_by("priority", "name")  # type: ignore[attr-defined]
        self.fields["warehouse"].initial = Warehouse.objects.default_of(self.request.user)


class PlaceForm(WarehouseForm):
    """Asks for a warehouse and, by its code, a bin in it."""

    bin = forms.CharField(label=gettext_lazy("Bin"), max_length=32, required=False)

    def clean(self) -> dict[str, Any]:
        """Find the bin by its code."""
        cleaned = super().clean() or self.cleaned_data
        code, warehouse = cleaned.get("bin", ""), cleaned.get("warehouse")
        cleaned["bin"] = None
        if code and warehouse:
            cleaned["bin"] = _bin(warehouse.pk, code, self)
        return cleaned


class GoodsInForm(PlaceForm):
    """Goods from a supplier."""

    quantity = quantity()
    condition = forms.ChoiceField(
        label=gettext_lazy("Condition"), choices=BinStock.Condition.choices
    )
    lot = forms.CharField(label=gettext_lazy("Lot"), max_length=64, required=False)
    document = forms.CharField(label=gettext_lazy("Delivery note"), max_length=80, required=False)
    field_order = ("warehouse", "quantity", "bin", "condition", "lot", "document")

    def arrange(self) -> None:
        """Say what an empty bin means here."""
        super().arrange()
        self.fields["bin"].help_text = _("Empty: the bin STOCK.")


class AdjustForm(PlaceForm):
    """A correction by a signed quantity."""

    quantity = forms.IntegerField(
        label=gettext_lazy("Change by"),
        min_value=-MOST,
        max_value=MOST,
        help_text=gettext_lazy("Such as −3 for three that are missing, or 3 for three too many."),
    )
    condition = forms.ChoiceField(
        label=gettext_lazy("Condition"), choices=BinStock.Condition.choices
    )
    reason = reason(required=True)
    may_wait = may_wait()
    field_order = ("warehouse", "bin", "quantity", "condition", "reason", "may_wait")

    def arrange(self) -> None:
        """Say what an empty bin means here."""
        super().arrange()
        self.fields["bin"].help_text = _("Empty: wherever good stock is nearest.")


class ContentForm(ButtonForm):
    """Asks for something that lies in a bin; its figure travels along, to notice if it moves."""

    content = forms.ChoiceField(label=gettext_lazy("What lies in"))

    def arrange(self) -> None:
        """Offer what lies in the reader's bins."""
        self.fields["content"].choices = list(self._offered())  # type: ignore[attr-defined]

    def clean_content(self) -> tuple[BinStock, int]:
        """Return the content and the figure that was shown."""
        key, _sep, figure = self.cleaned_data["content"].partition(":")
        found = self._contents().filter(pk=key).first()
        if found is None:
            raise ValidationError(_("This is not there any more."))
        return found, int(figure)

    def _contents(self) -> Any:
        seen = Warehouse.objects.visible_to(self.request.user)
        return BinStock.objects.filter(
            product=self.record, bin__warehouse__in=seen, quantity__gt=0
        ).select_related("bin__warehouse")

    def _offered(self) -> Iterator[tuple[str, str]]:
        for content in self._contents().order_by("bin__warehouse__priority", "bin__code"):
            lot = f" · {content.lot}" if content.lot else ""
            place = f"{content.bin.warehouse.code} · {content.bin.code}{lot}"
            told = f"{words.count(content.quantity)} {content.get_condition_display()}"
            yield f"{content.pk}:{content.quantity}", f"{place} – {told}"


class MoveForm(ContentForm):
    """Goods carried to another bin of the same warehouse."""

    quantity = quantity()
    to_bin = forms.CharField(label=gettext_lazy("To bin"), max_length=32)
    reason = reason(required=False)

    def clean(self) -> dict[str, Any]:
        """Find the bin by its code, in the warehouse of the first."""
        cleaned = super().clean() or self.cleaned_data
        if "content" in cleaned and "to_bin" in cleaned:
            warehouse_id = cleaned["content"][0].bin.warehouse_id
            cleaned["to_bin"] = _bin(warehouse_id, cleaned["to_bin"], self, "to_bin")
        return cleaned


class CountForm(ContentForm):
    """What was counted in a bin."""

    counted = quantity(gettext_lazy("Counted"), min_value=0)
    reason = reason(required=False)
    may_wait = may_wait()


class ConditionForm(ContentForm):
    """Units found damaged, or good again."""

    quantity = quantity()
    reason = reason(required=True)
    may_wait = may_wait()


class TransferForm(WarehouseForm):
    """Goods sent to another warehouse."""

    destination = forms.ModelChoiceField(
        label=gettext_lazy("To"), queryset=Warehouse.objects.none(), empty_label=None
    )
    quantity = quantity()
    expected_on = forms.DateField(
        label=gettext_lazy("Expected"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def arrange(self) -> None:
        """Send from the reader's warehouses to any other."""
        super().arrange()
        self.fields["warehouse"].label = _("From")
        active = Warehouse.objects.filter(is_active=True).order_by("-priority", "name")
        self.fields["destination"].queryset = active  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a way that leads nowhere."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("warehouse") == cleaned.get("destination"):
            self.add_error("destination", _("Choose another warehouse."))
        return cleaned


def _bin(warehouse_id: Any, code: str, form: ButtonForm, field: str = "bin") -> Bin | None:
    found = Bin.objects.filter(warehouse=warehouse_id, code__iexact=code.strip()).first()
    if found is None:
        form.add_error(field, _("There is no bin “%(code)s” in this warehouse.") % {"code": code})
    return found
