"""Why a file as a whole, or an upload of it, is refused."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kernel.errors import DomainError

MEBIBYTE = 1024 * 1024


class Unreadable(DomainError):
    """The file is damaged, too large, of another kind than its name says, or lacks a column.

    `reason` is a code; its sentence is made in the reader's language, from the parameters.
    """

    code, status = "file_unreadable", 422
    title = "The file cannot be read."

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(sentence(reason, params), reason=reason, **params)
        self.reason = reason


def sentence(reason: str, params: dict[str, Any]) -> str:
    """Return why a file is refused, in the reader's language."""
    text = REASONS.get(reason)
    return str(text) % params if text else reason


REASONS: dict[str, str | Promise] = {
    "no_file": _("Choose a file."),
    "empty": _("%(name)s: the file is empty."),
    "wrong_kind": _("%(name)s: CSV, TSV and XLSX are read, also as .gz, .bz2, .xz, .zip."),
    "not_taken": _("%(name)s: CSV, TSV and XLSX files are taken, and not packed."),
    "not_what_it_says": _("%(name)s: the content is not what the name says."),
    "not_text": _("%(name)s: the content is not text."),
    "is_other": _("%(name)s: this is %(kind)s. Save it as CSV or XLSX."),
    "too_large": _("%(name)s: the file is larger than %(most)s MiB."),
    "unpacks_too_large": _("%(name)s: unpacks to more than %(most)s MiB, which is refused."),
    "damaged": _("%(name)s: the file is damaged: %(cause)s"),
    "many_files": _("%(name)s: holds %(count)s files; it must hold one."),
    "locked": _("%(name)s: is locked with a password."),
    "packed_other": _("%(name)s: holds neither CSV, TSV nor XLSX."),
    "no_header": _("%(name)s: there is no row %(row)s with column names."),
    "no_sheet": _("%(name)s: there is no sheet “%(sheet)s”."),
    "encoding": _(
        "%(name)s: after line %(line)s the text is not %(encoding)s; name its encoding in the "
        "mapping."
    ),
    "unknown_encoding": _(
        "%(name)s: the letters are written in an unknown way. Save the file as CSV UTF-8 or XLSX."
    ),
    "not_csv": _("%(name)s: line %(line)s: %(cause)s"),
    "too_much_to_read": _(
        "%(name)s: the spreadsheet takes too much memory or time to read. Save it as CSV."
    ),
    "too_many_rows": _("%(name)s: has more than %(most)s rows. Split it into several files."),
    "columns_missing": _(
        "The first row must hold the column names. These are missing: %(missing)s. Found: %(found)s"
    ),
    "columns_twice": _("These columns are there more than once: %(columns)s."),
    "no_rows": _("Below the column names there is no row."),
    "columns_not_once": _("Column not there exactly once: %(columns)s (found: %(found)s)."),
    "currency_not_taken": _("The sales channel does not take %(currency)s."),
}
