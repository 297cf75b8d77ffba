"""Form fields that several pages of the console share: addresses kept as JSON, time zones."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _
from unfold import widgets

ADDRESS_LABELS = {
    "line1": _("Address"),
    "line2": _("Address, second line"),
    "city": _("City"),
    "region": _("Region"),
    "postal_code": _("Postcode"),
    "country": _("Country"),
    "phone": _("Phone"),
}
ADDRESS_FIELDS = tuple(f"address_{name}" for name in ADDRESS_LABELS)


@cache
def time_zones() -> list[tuple[str, str]]:
    """Return the time zones a person may choose, the places before the abstract ones."""
    names = sorted(available_timezones())
    places = [name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/"))]
    return [(name, name.replace("_", " ")) for name in ["UTC", *places]]


def time_zone(label: Any) -> forms.ChoiceField:
    """Return a field to choose a time zone from."""
    return forms.ChoiceField(
        label=label, choices=time_zones, widget=widgets.UnfoldAdminSelectWidget()
    )


def text(label: Any, length: int, *, required: bool = False) -> forms.CharField:
    """Return a one-line field in the theme's look."""
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        widget=widgets.UnfoldAdminTextInputWidget(),
    )


def words(label: Any, length: int, *, required: bool = False) -> SimpleArrayField:
    """Return a one-line field for several words, separated by commas."""
    return SimpleArrayField(
        forms.CharField(max_length=length),
        label=label,
        required=required,
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text=_("Separated by commas."),
    )


class AddressForm(forms.ModelForm):
    """Shows a record's JSON `address` as fields of its own; declare them with `ADDRESS_FIELDS`."""

    address_line1 = text(ADDRESS_LABELS["line1"], 200)
    address_line2 = text(ADDRESS_LABELS["line2"], 200)
    address_city = text(ADDRESS_LABELS["city"], 120)
    address_region = text(ADDRESS_LABELS["region"], 120)
    address_postal_code = text(ADDRESS_LABELS["postal_code"], 20)
    address_country = text(ADDRESS_LABELS["country"], 2)
    address_phone = text(ADDRESS_LABELS["phone"], 32)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept: Mapping[str, str] = self.instance.address or {}
        for name in ADDRESS_LABELS:
            self.initial.setdefault(f"address_{name}", kept.get(name, ""))

    def clean(self) -> dict[str, Any]:
        """Put the fields back into the record's address, keeping what has no field here."""
        cleaned = super().clean() or self.cleaned_data
        given = {name: cleaned.get(f"address_{name}", "") for name in ADDRESS_LABELS}
        self.instance.address = {**(self.instance.address or {}), **given}
        return cleaned
