"""Keeps the translation catalogues: collects what the product says, tells what lacks a language.

Babel collects, since gettext's tools are not on a bare machine. The console's theme brings no
languages of its own: of its sentences those are collected that Django's catalogues do not know.
"""

import ast
import gettext
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import django
import unfold
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = "en-gb"
ROOMS = ("config", "customers", "inventory", "orders", "fulfillment")
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("ngettext", "pgettext", "npgettext")},
    "gettext_lazy": None,
    "gettext_noop": None,
}
NOTES = ("Translators:",)

Said = tuple[Any, list[str], str | None]  # a sentence (or its two forms), its notes, its context


def languages() -> list[str]:
    """Return the languages the product is translated into: all but the one it is written in."""
    return [code for code, _name in settings.LANGUAGES if code != SOURCE]


def place(root: Path, language: str) -> Path:
    """Return where a language's catalogue lies."""
    return root / "locale" / language / "LC_MESSAGES/django.po"


def collect(root: Path) -> Catalog:
    """Return everything the product says, in English."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for file in _own_files(root):
        for message in _said(file):
            _add(catalogue, message, file.relative_to(root).as_posix())
    theme = Path(unfold.__file__).parent
    for file in _files_of_theme(theme):
        for message in _said(file):
            if not _is_known(message):
                _add(catalogue, message, f"unfold/{file.relative_to(theme).as_posix()}")
    return catalogue


def update(root: Path, language: str, said: Catalog) -> Catalog:
    """Bring a catalogue up to date: new sentences empty, gone ones dropped, the rest kept."""
    po = place(root, language)
    catalogue = read(po, language)
    catalogue.update(said, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    po.parent.mkdir(parents=True, exist_ok=True)
    kept = po.read_bytes() if po.exists() else b""
    written = _written(catalogue)
    if written != kept:
        po.write_bytes(written)
    return catalogue


def read(po: Path, language: str) -> Catalog:
    """Return a language's catalogue, an empty one if there is none yet."""
    if not po.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment="")
    with po.open("rb") as source:
        return read_po(source, locale=language)


def gaps(catalogue: Catalog, said: Catalog) -> dict[str, list[str]]:
    """Return what keeps a catalogue from being complete, by kind; empty lists when nothing does."""
    known = {_key(one): one for one in _sentences(catalogue)}
    wanted = {_key(one): one for one in _sentences(said)}
    there = [one for key, one in known.items() if key in wanted]
    return {
        "unknown": [_shown(one) for key, one in wanted.items() if key not in known],
        "missing": [_shown(one) for one in there if not _is_filled(one)],
        "fuzzy": [_shown(one) for one in there if one.fuzzy],
        "wrong": [told for one in there if _is_filled(one) for told in _faults(one, catalogue)],
        "gone": [_shown(one) for key, one in known.items() if key not in wanted],
    }


def _own_files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        yield from _files(root / room)
    yield from _files(root / "templates")


def _files_of_theme(theme: Path) -> Iterator[Path]:
    """Yield the theme's files, of its additions those that are installed."""
    for file in _files(theme):
        parts = file.relative_to(theme).parts
        if parts[0] != "contrib" or f"unfold.contrib.{parts[1]}" in settings.INSTALLED_APPS:
            yield file


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".py", ".html", ".txt"} and "migrations" not in file.parts:
            yield file


def _said(file: Path) -> Iterator[Said]:
    """Yield the sentences of a file with their notes and contexts."""
    source = file.read_text()
    if file.suffix == ".py":
        yield from _of_python(source)
        yield from _titles(source)
        return
    # What is left of a template is no Python: each line is read for itself.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = templatize(source).splitlines()
    for line in lines:
        if "gettext(" in line or "_(" in line:
            yield from _of_python(line.strip())


def _of_python(source: str) -> Iterator[Said]:
    found = extract("python", io.BytesIO(source.encode()), KEYWORDS, NOTES)
    for _line, message, notes, context in found:
        yield message, notes, context


def _titles(source: str) -> Iterator[Said]:
    """Yield the titles of refusals: English in the class, told in the reader's language."""
    for node in ast.walk(ast.parse(source)):
        for one in node.body if isinstance(node, ast.ClassDef) else ():
            if (
                isinstance(one, ast.Assign)
                and ast.unparse(one.targets[0]) == "title"
                and isinstance(one.value, ast.Constant)
            ):
                yield str(one.value.value), [], None


def _add(catalogue: Catalog, message: Said, where: str) -> None:
    text, notes, context = message
    catalogue.add(text, locations=[(where, 0)], auto_comments=notes, context=context)


@cache
def _django(language: str) -> gettext.NullTranslations:
    """Return what Django itself says in a language."""
    known = gettext.NullTranslations()
    folder = Path(django.__file__).parent
    for mo in sorted(folder.glob(f"**/locale/{language}/LC_MESSAGES/django.mo")):
        with mo.open("rb") as file:
            known.add_fallback(gettext.GNUTranslations(file))
    return known


def _is_known(message: Said) -> bool:
    text, _notes, context = message
    single = text if isinstance(text, str) else text[0]
    for language in languages():
        known = _django(language)
        said = known.pgettext(context, single) if context else known.gettext(single)
        if said == single:
            return False
    return True


def _sentences(catalogue: Catalog) -> Iterable[Message]:
    return (one for one in catalogue if one.id)


def _key(message: Message) -> tuple[Any, str | None]:
    single = message.id if isinstance(message.id, str) else message.id[0]
    return single, message.context


def _shown(message: Message) -> str:
    single = message.id if isinstance(message.id, str) else message.id[0]
    return f"{single!r} ({', '.join(place for place, _line in message.locations)})"


def _is_filled(message: Message) -> bool:
    words = message.string or ""
    return bool(words) and all(words)


def _faults(message: Message, catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with a translation: other placeholders, too few plurals."""
    for error in message.check(catalogue):
        yield f"{_shown(message)}: {error}"


def _written(catalogue: Catalog) -> bytes:
    """Write without dates and line numbers, so that only what is said changes the file."""
    headers: Mapping[str, str] = {
        "Language": str(catalogue.locale_identifier),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": catalogue.plural_forms,
    }
    body = io.BytesIO()
    write_po(body, catalogue, width=100, omit_header=True, include_lineno=False, sort_output=False)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in headers.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + body.getvalue().lstrip()
