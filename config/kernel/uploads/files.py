"""Opens a data file, packed or not, and never unpacks more of it than is reasonable."""

import bz2
import gzip
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import PurePath
from typing import IO, Any, cast

from config.kernel.uploads.errors import MEBIBYTE, Unreadable

TEXT, SPREADSHEET = "text", "spreadsheet"

UNPACKED_LIMIT = 4096 * MEBIBYTE
SPREADSHEET_LIMIT = 1024 * MEBIBYTE
RATIO_LIMIT = 100
ALWAYS_ALLOWED = 16 * MEBIBYTE
ENTRY_LIMIT = 1000
BLOCK = 256 * 1024

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt"})
_ZIP = b"PK\x03\x04"
_MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00", ".zip": _ZIP, ".xlsx": _ZIP}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 4096
_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its bytes unpacked, what they are, and how far into the packed file we are."""

    stream: IO[bytes]
    kind: str
    name: str
    raw: IO[bytes]
    size: int

    @property
    def suffix(self) -> str:
        """Return the ending of the name without the packing: `.tsv` of `orders.tsv.gz`."""
        return PurePath(self.name).suffix.lower()

    def fraction(self) -> float:
        """Return how much of the file has been read, from 0 to 1."""
        return min(1.0, self.raw.tell() / self.size)


@contextmanager
def opened(raw: IO[bytes], name: str) -> Iterator[Source]:
    """Open CSV, TSV or XLSX, also as .gz, .bz2, .xz or .zip holding one such file.

    Raises `Unreadable`, also while the stream is read: name and content disagree, more than 100
    times the packed size would come out (16 MiB always may), or the packing is damaged.
    """
    size = raw.seek(0, 2)
    _check_magic(raw, PurePath(name))
    with ExitStack() as closing:
        try:
            source = _source(raw, PurePath(name), size, closing)
        except _DAMAGED as error:
            raise _damaged(name, error) from error
        yield source


def _source(raw: IO[bytes], path: PurePath, size: int, closing: ExitStack) -> Source:
    if path.suffix.lower() == ".xlsx":
        _check_spreadsheet(raw, path.name)
        return Source(raw, SPREADSHEET, path.name, raw, size)
    limit = min(UNPACKED_LIMIT, max(ALWAYS_ALLOWED, size * RATIO_LIMIT))
    unpacked, path = _unpacked(raw, path, limit, closing)
    stream: BufferedReader[Any] = closing.enter_context(
        BufferedReader(_Limited(unpacked, limit, path.name), BLOCK)
    )
    if path.suffix.lower() == ".xlsx":
        spooled = _spooled(stream, closing)
        _check_spreadsheet(spooled, path.name)
        return Source(spooled, SPREADSHEET, path.name, raw, size)
    _check_text(stream, path.name)
    return Source(stream, TEXT, path.name, raw, size)


def _check_magic(raw: IO[bytes], path: PurePath) -> None:
    raw.seek(0)
    head = raw.read(8)
    raw.seek(0)
    suffix = path.suffix.lower()
    if not head:
        raise Unreadable("empty", name=path.name)
    if suffix not in _TEXT_SUFFIXES | _MAGIC.keys():
        raise Unreadable("wrong_kind", name=path.name)
    if suffix in _MAGIC and not head.startswith(_MAGIC[suffix]):
        raise Unreadable("not_what_it_says", name=path.name)


def _check_text(stream: "BufferedReader[Any]", name: str) -> None:
    """Programs and pictures hold zero bytes, texts only in UTF-16."""
    head = stream.peek(_HEAD)[:_HEAD]
    if b"\x00" in head and not head.startswith(_UTF_16):
        raise Unreadable("not_text", name=name)


def _unpacked(
    raw: IO[bytes], path: PurePath, limit: int, closing: ExitStack
) -> tuple[IO[bytes], PurePath]:
    suffix, inner = path.suffix.lower(), PurePath(path.stem)
    if suffix == ".zip":
        return _only_member(closing.enter_context(zipfile.ZipFile(raw)), path.name, limit)
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw)), inner
    if suffix == ".bz2":
        return cast("IO[bytes]", bz2.BZ2File(raw)), inner
    if suffix == ".xz":
        return cast("IO[bytes]", lzma.LZMAFile(raw)), inner
    return raw, path


def _only_member(archive: zipfile.ZipFile, name: str, limit: int) -> tuple[IO[bytes], PurePath]:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise Unreadable("many_files", name=name, count=len(members))
    (member,) = members
    path = PurePath(member.filename)
    if member.flag_bits & 1:
        raise Unreadable("locked", name=name)
    if path.suffix.lower() not in _TEXT_SUFFIXES | {".xlsx"}:
        raise Unreadable("packed_other", name=name)
    if member.file_size > limit:
        raise _too_large(name, limit)
    return archive.open(member), path


def _check_spreadsheet(stream: IO[bytes], name: str) -> None:
    """What the archive states is checked first, then what really comes out."""
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        packed = sum(member.compress_size for member in members)
        limit = min(SPREADSHEET_LIMIT, max(ALWAYS_ALLOWED, packed * RATIO_LIMIT))
        if len(members) > ENTRY_LIMIT or sum(member.file_size for member in members) > limit:
            raise _too_large(name, limit)
        if "xl/workbook.xml" not in archive.namelist():
            raise Unreadable("not_what_it_says", name=name)
        _measure(archive, name, limit)
    stream.seek(0)


def _measure(archive: zipfile.ZipFile, name: str, limit: int) -> None:
    left = limit
    for member in archive.infolist():
        with archive.open(member) as content:
            while block := content.read(MEBIBYTE):
                left -= len(block)
                if left < 0:
                    raise _too_large(name, limit)


def _spooled(stream: IO[bytes], closing: ExitStack) -> IO[bytes]:
    spooled = closing.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    while block := stream.read(MEBIBYTE):
        spooled.write(block)
    spooled.seek(0)
    return spooled


def _too_large(name: str, limit: int) -> Unreadable:
    return Unreadable("unpacks_too_large", name=name, most=limit // MEBIBYTE)


def _damaged(name: str, error: BaseException) -> Unreadable:
    return Unreadable("damaged", name=name, cause=str(error))


class _Limited(RawIOBase):
    """Passes bytes on until there are suspiciously many."""

    def __init__(self, stream: IO[bytes], limit: int, name: str) -> None:
        self._stream, self._limit, self._name = stream, limit, name
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._stream.read(len(buffer))
        except _DAMAGED as error:
            raise _damaged(self._name, error) from error
        self._left -= len(block)
        if self._left < 0:
            raise _too_large(self._name, self._limit)
        buffer[: len(block)] = block
        return len(block)
