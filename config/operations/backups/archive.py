"""The file of a backup: a plain ZIP whose manifest knows every member's checksum.

The manifest is written last and the file gets its name when it is whole and on disk, so that a
half-made one is never taken for a backup.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

from config.kernel import errors

FORMAT = 1
MANIFEST, DATABASE, SECRETS = "manifest.json", "database.dump", "secrets.json"
BLOCK = 1024 * 1024


class NoBackup(errors.DomainError):
    """The file is no backup of ours, or not a whole one."""

    code, status = "no_backup", 422
    title = "This file is no whole backup."


@dataclass(frozen=True, slots=True)
class Member:
    """A part of the file, as it must be."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of when, of which schema, how many rows, and its parts."""

    made_at: datetime
    version: str
    postgresql: str
    migrations: Mapping[str, list[str]]
    rows: Mapping[str, int]
    members: Mapping[str, Member] = field(default_factory=dict)
    format: int = FORMAT

    def text(self) -> str:
        """Return it as it is written."""
        return json.dumps({**asdict(self), "made_at": self.made_at.isoformat()}, indent=1)

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return what was written. Raises `NoBackup`."""
        try:
            found: dict[str, Any] = json.loads(text)
            if found["format"] != FORMAT:
                raise NoBackup(f"The backup is of format {found['format']}, known is {FORMAT}.")
            members = {name: Member(**one) for name, one in found["members"].items()}
            made_at = datetime.fromisoformat(found["made_at"])
            return cls(**{**found, "made_at": made_at, "members": members})
        except (ValueError, KeyError, TypeError) as error:
            raise NoBackup("The manifest cannot be read.") from error


class Writer:
    """Adds members one after the other, counting and hashing."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        self.members: dict[str, Member] = {}

    def stream(self, name: str, source: IO[bytes]) -> None:
        """Add what can be read from a source of unknown length."""
        digest, size = hashlib.sha256(), 0
        with self.file.open(name, "w", force_zip64=True) as member:
            while block := source.read(BLOCK):
                digest.update(block)
                size += len(block)
                member.write(block)
        self.members[name] = Member(size, digest.hexdigest())

    def path(self, name: str, path: Path) -> None:
        """Add a file; one that was taken away meanwhile is left out."""
        try:
            with path.open("rb") as source:
                self.stream(name, source)
        except FileNotFoundError:
            return

    def text(self, name: str, text: str) -> None:
        """Add a text."""
        content = text.encode()
        self.file.writestr(name, content)
        self.members[name] = Member(len(content), hashlib.sha256(content).hexdigest())


@contextmanager
def written(place: Path, manifest: Callable[[], Manifest]) -> Iterator[Writer]:
    """Give a writer; when all was added, the manifest follows and the file gets its name.

    Readable by its owner only. When anything is raised, nothing is left behind.
    """
    draft = place.with_name(f".{place.name}.part")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
                writer = Writer(packed)
                yield writer
                whole = {**asdict(manifest()), "members": writer.members}
                packed.writestr(MANIFEST, Manifest(**whole).text())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(place)
        _sync_folder(place.parent)
    finally:
        draft.unlink(missing_ok=True)


class Reader:
    """An opened backup; its manifest is read, its members are not looked at yet."""

    def __init__(self, place: Path, packed: zipfile.ZipFile) -> None:
        self.place = place
        self.packed = packed
        self.manifest = Manifest.parse(packed.read(MANIFEST))

    def verify(self) -> None:
        """Read every member and compare it with the manifest. Raises `NoBackup`."""
        present = set(self.packed.namelist()) - {MANIFEST}
        known = set(self.manifest.members)
        if present != known or DATABASE not in known:
            odd = ", ".join(sorted(present ^ known)[:5]) or DATABASE
            raise NoBackup(f"Members and manifest differ: {odd}.")
        for name, member in self.manifest.members.items():
            if not _is_safe(name) or self._digest(name) != member:
                raise NoBackup(f"{name} is damaged.")

    def names(self, folder: str) -> list[str]:
        """Return the members below a folder."""
        return [name for name in self.manifest.members if name.startswith(f"{folder}/")]

    def text(self, name: str) -> str:
        """Return a member as text."""
        return self.packed.read(name).decode()

    def copy(self, name: str, to: Path) -> None:
        """Write a member into a new file that its owner reads."""
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with self.packed.open(name) as member, os.fdopen(descriptor, "wb") as file:
            while block := member.read(BLOCK):
                file.write(block)

    def _digest(self, name: str) -> Member:
        digest, size = hashlib.sha256(), 0
        try:
            with self.packed.open(name) as member:
                while block := member.read(BLOCK):
                    digest.update(block)
                    size += len(block)
        except (zipfile.BadZipFile, EOFError) as error:
            raise NoBackup(f"{name} is damaged.") from error
        return Member(size, digest.hexdigest())


@contextmanager
def opened(place: Path) -> Iterator[Reader]:
    """Give a reader of a backup. Raises `NoBackup`."""
    try:
        packed = zipfile.ZipFile(place)
    except FileNotFoundError:
        raise NoBackup(f"{place} does not exist.") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise NoBackup(f"{place} is no whole backup: {error}") from error
    with packed:
        if MANIFEST not in packed.namelist():
            raise NoBackup(f"{place} has no manifest.")
        yield Reader(place, packed)


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
