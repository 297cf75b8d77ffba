"""The report of an import: every row that was refused, with its reason, as a CSV file."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from orders.models import ImportRow

_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[\d.,]+")


def write(*, run_id: UUID, path: Path) -> int:
    """Write the refused rows of a run; return how many. No cell is a formula to a spreadsheet."""
    written = 0
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file)
        table.writerow([_("Row"), _("Reference"), _("Reason"), _("Column"), _("Value")])
        for row in _refused(run_id):
            detail = row.data if "field" in row.data else {}
            cells = (row.reference, reason(row.error, row.data))
            values = (detail.get("field", ""), detail.get("value", ""))
            table.writerow([row.row_number, *map(safe, cells + values)])
            written += 1
    return written


def reason(error: str, data: Mapping[str, Any]) -> str:
    """Return why a row was refused, in the reader's language."""
    if error == "rule":
        return str(data.get("reason", ""))
    return _REASONS[error]() if error in _REASONS else error


def safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def _refused(run_id: UUID) -> Iterator[ImportRow]:
    rows = ImportRow.objects.filter(run=run_id).exclude(error="").order_by("row_number")
    return rows.iterator(chunk_size=1000)


_REASONS = {
    "missing": lambda: _("The cell is empty."),
    "too_long": lambda: _("The text is too long."),
    "control_character": lambda: _("The text holds characters that cannot be printed."),
    "not_a_number": lambda: _("This is not a number as the mapping writes them."),
    "not_whole": lambda: _("This is not a whole number."),
    "out_of_range": lambda: _("The number is out of range."),
    "too_precise": lambda: _("Prices have at most six decimals."),
    "negative_price": lambda: _("The price is below zero."),
    "discount_too_large": lambda: _("The discount is larger than the amount."),
    "no_quantity": lambda: _("The quantity is zero."),
    "negative_quantity": lambda: _("The quantity is below zero, and no rule says what that means."),
    "not_a_time": lambda: _("This is not a date and time as the mapping writes them."),
    "time_does_not_exist": lambda: _("The clocks were put forward: there was no such time."),
    "in_the_future": lambda: _("This is in the future."),
    "too_long_ago": lambda: _("This is before 1970."),
    "unknown_country": lambda: _("There is no such country; name it in the mapping."),
    "unknown_currency": lambda: _("This is not a currency that the sales channel takes."),
    "mixed_currencies": lambda: _("Rows of one reference have different currencies."),
    "no_rule": lambda: _("No rule of the mapping fits."),
    "not_stocked": lambda: _("A stock correction of something that is not stocked."),
}
