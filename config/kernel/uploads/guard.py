"""What staff may hand in: CSV, TSV and XLSX of a bearable size, recognised by their content.

Nothing is unpacked or read before this is asked; `files` measures what an archive really holds.
"""

import codecs
from pathlib import PurePath
from typing import IO

from django.utils.translation import gettext_lazy as _

from config.kernel.uploads.columns import Text
from config.kernel.uploads.errors import MEBIBYTE, Unreadable

MOST_BYTES = 64 * MEBIBYTE
SPREADSHEET, PLAIN = ".xlsx", frozenset({".csv", ".tsv", ".tab", ".txt"})
BLOCK = MEBIBYTE

UTF_8, UTF_16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# What is handed in by mistake, or under a name that is not its own, by how it begins.
_OTHERS: tuple[tuple[bytes, Text], ...] = (
    (b"PK\x03\x04", _("a packed file or a spreadsheet under another name")),
    (b"\xd0\xcf\x11\xe0", _("an old Excel file or one with a password")),
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
    (b"%PDF", _("a PDF")),
    (b"\x1f\x8b", _("a packed file")),
    (b"BZh", _("a packed file")),
    (b"\xfd7zXZ", _("a packed file")),
    (b"7z\xbc\xaf", _("a packed file")),
    (b"Rar!", _("a packed file")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"GIF8", _("a picture")),
)


def check(file: IO[bytes], name: str, size: int) -> None:
    """Look at a file's size, the ending of its name and its first bytes.

    Raises `Unreadable` for what is not taken, with what it seems to be.
    """
    suffix = PurePath(name).suffix.lower()
    if size > MOST_BYTES:
        raise Unreadable("too_large", name=name, most=MOST_BYTES // MEBIBYTE)
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if not head:
        raise Unreadable("empty", name=name)
    if suffix not in PLAIN and suffix != SPREADSHEET:
        raise Unreadable("not_taken", name=name)
    is_archive = head.startswith(b"PK\x03\x04")
    kind = _other(head)
    if kind is not None and not (is_archive and suffix == SPREADSHEET):
        raise Unreadable("is_other", name=name, kind=str(kind))
    if suffix == SPREADSHEET and not is_archive:
        raise Unreadable("not_what_it_says", name=name)


def encoding(file: IO[bytes], name: str) -> str:
    """Return how a text file is encoded: UTF-8, UTF-16 by its mark, else as Windows writes.

    Reads it once, a block at a time. Raises `Unreadable` for what is no text at all.
    """
    file.seek(0)
    if file.read(2) in _UTF_16_MARKS:
        return UTF_16
    for candidate in (UTF_8, WINDOWS):
        if _is_written_in(candidate, file, name):
            return candidate
    raise Unreadable("unknown_encoding", name=name)


def _other(head: bytes) -> Text | None:
    return next((kind for mark, kind in _OTHERS if head.startswith(mark)), None)


def _is_written_in(candidate: str, file: IO[bytes], name: str) -> bool:
    decoder = codecs.getincrementaldecoder(candidate)()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            if b"\x00" in block:
                raise Unreadable("not_text", name=name)
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True
