"""Compiles translation catalogues with Babel; gettext's tools are not on a bare machine."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PLACES = ("locale/*/LC_MESSAGES/*.po", "*/locale/*/LC_MESSAGES/*.po")


def compile_stale(root: Path) -> int:
    """Compiles each catalogue that is newer than its compiled form; returns how many."""
    stale = [po for place in PLACES for po in sorted(root.glob(place)) if _is_stale(po)]
    for po in stale:
        draft = po.with_suffix(f".{os.getpid()}.draft")
        with po.open("rb") as source, draft.open("wb") as target:
            write_mo(target, read_po(source, locale=po.parts[-3]))
        draft.replace(po.with_suffix(".mo"))
    return len(stale)


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime
