"""Brings schema, people, demo company and static files up to date before the web server starts."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config.local import home
from config.local.errors import LocalError

NO = frozenset({"0", "no", "false", "off"})


def prepare(*, environment: Mapping[str, str], home_folder: Path) -> None:
    """Runs `manage.py furnish`; raises LocalError with the last line of what went wrong."""
    words = ["furnish", "--administrator"]
    if os.environ.get("KAPELL_DEMO", "1").strip().lower() not in NO:
        words.append("--demo")
    place = home_folder / "logs/furnish.log"
    with place.open("ab") as log:
        start = log.tell()
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=home.CHECKOUT,
            env={**environment, "KAPELL_ROLE": "command"},
            stdin=subprocess.DEVNULL,
            stderr=log,
            check=False,
        )
    if done.returncode:
        raise LocalError(f"{_last_line(place, start)} (see {place})")


def _last_line(place: Path, start: int) -> str:
    with place.open("rb") as log:
        log.seek(start)
        lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "the system could not be furnished"
