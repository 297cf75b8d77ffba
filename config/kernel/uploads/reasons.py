"""Sentences for what is wrong with a row, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.kernel import errors
from config.kernel.uploads.columns import Fault, Text
from config.kernel.uploads.layouts import Layout

SENTENCES: dict[str, Text] = {
    "missing": gettext_lazy("%(column)s is empty."),
    "too_long": gettext_lazy("%(column)s has more than %(most)s characters."),
    "control_character": gettext_lazy("%(column)s holds characters that cannot be printed."),
    "not_a_number": gettext_lazy("%(column)s: “%(value)s” is not a number."),
    "ambiguous_number": gettext_lazy(
        "%(column)s: “%(value)s” could mean two numbers. Write it with a dot, or without the comma."
    ),
    "not_whole": gettext_lazy("%(column)s: “%(value)s” is not a whole number."),
    "out_of_range": gettext_lazy("%(column)s: “%(value)s” is not between %(low)s and %(high)s."),
    "too_precise": gettext_lazy("%(column)s: “%(value)s” has more than %(most)s decimals."),
    "not_yes_or_no": gettext_lazy("%(column)s: “%(value)s” is neither yes nor no."),
    "not_a_choice": gettext_lazy("%(column)s: “%(value)s” is none of: %(choices)s."),
    "unknown_currency": gettext_lazy("%(column)s: “%(value)s” is not a currency."),
    "unknown_country": gettext_lazy("%(column)s: “%(value)s” is not a country's two letters."),
    "shortened": gettext_lazy(
        "%(column)s: “%(value)s” was shortened by a spreadsheet. Format the column as text."
    ),
    "not_an_email": gettext_lazy("%(column)s: “%(value)s” is not an e-mail address."),
    "not_a_key": gettext_lazy("%(column)s: “%(value)s” is not a key as it is exported."),
    "not_a_day": gettext_lazy("%(column)s: “%(value)s” is not a day. Write it as 2026-11-30."),
    "not_a_time": gettext_lazy(
        "%(column)s: “%(value)s” is not a moment. Write it as 2026-11-30 17:05."
    ),
    "time_out_of_range": gettext_lazy("%(column)s: “%(value)s” is too long ago or too far ahead."),
    "twice": gettext_lazy("Row %(first)s is about the same: only one of them can be right."),
    "other_row": gettext_lazy("Row %(row)s belongs to the same and is wrong."),
    "unknown": gettext_lazy("%(column)s: there is no “%(value)s”."),
    "changed_meanwhile": gettext_lazy("This changed since the file was checked."),
}


def sentence(layout: Layout, fault: Fault) -> str:
    """Return what is wrong, in a sentence."""
    text = layout.sentences.get(fault.code) or SENTENCES.get(fault.code)
    if text is None:
        titles = {kind.code: kind.title for kind in errors.kinds()}
        return _(titles.get(fault.code, fault.code))
    return str(text) % {"column": fault.column, "value": fault.value, **fault.params}


def sentences(layout: Layout, faults: Iterable[Fault]) -> str:
    """Return all that is wrong with a row, in one line."""
    return " ".join(dict.fromkeys(sentence(layout, fault) for fault in faults))
