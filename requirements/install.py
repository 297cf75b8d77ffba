"""Makes the virtual environment from the locked files; needs Python 3.11 with venv, nothing else.

    python3.11 requirements/install.py base|dev

A stamp beside the packages holds the lock file's hash, so an environment that is up to date costs
nothing to check.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

Command = list[str | Path]
OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(kind: str) -> None:
    """Brings the environment to the state the lock file describes."""
    if sys.version_info < OLDEST:
        sys.exit("kapell: Python 3.11 or newer is needed; set PYTHON to one")
    lock = HERE / f"{kind}.txt"
    stamp = VENV / f".kapell-{kind}"
    wanted = _fingerprint(lock)
    with _alone():
        if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        started = time.monotonic()
        _make_venv()
        count = len(re.findall(r"(?m)^[A-Za-z0-9][^\s=]*==", lock.read_text()))
        print(f"kapell: installing {count} locked packages into .venv", flush=True)
        _install(lock)
        stamp.write_text(wanted)
        if kind == "dev":
            (VENV / ".kapell-base").write_text(_fingerprint(HERE / "base.txt"))
        print(f"kapell: packages installed in {time.monotonic() - started:.0f} s", flush=True)


def _fingerprint(lock: Path) -> str:
    """Changes with the lock, the interpreter and the place, for a moved environment is broken."""
    parts = [lock.read_bytes(), sys.version.encode(), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _alone() -> TextIO:
    """Two installations at once would tread on each other; the file closes with the block."""
    file = (HERE.parent / ".venv.lock").open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _make_venv() -> None:
    if PYTHON.exists() and _run([PYTHON, "-m", "pip", "--version"], quiet=True) == 0:
        return
    print("kapell: making the virtual environment .venv", flush=True)
    if _run([sys.executable, "-m", "venv", "--clear", VENV], quiet=True) != 0:
        sys.exit(
            "kapell: cannot make .venv; is Python's venv installed (Debian: python3-venv) "
            "and the folder writable?"
        )


def _install(lock: Path) -> None:
    """By uv, itself locked, in seconds; by pip where uv cannot reach the packages."""
    if _bootstrap_uv() and _run([PYTHON, "-m", "uv", *_uv_arguments(lock)]) == 0:
        return
    print("kapell: uv could not install them, pip tries", flush=True)
    pip: Command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    if _run([*pip, "-r", lock]) != 0:
        sys.exit("kapell: the packages could not be installed, see above; is the network there?")


def _bootstrap_uv() -> bool:
    """Installs the one locked uv; its lines are all pip needs to see."""
    if (VENV / "bin/uv").exists():
        return True
    block = re.search(
        r"(?m)^uv==.*?(?=^[^\s#])", (HERE / "dev.txt").read_text() + "\nend", re.DOTALL
    )
    if block is None:
        return False
    only_uv = VENV / "uv.txt"
    only_uv.write_text(block.group(0))
    pip: Command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    return _run([*pip, "--quiet", "-r", only_uv]) == 0


def _uv_arguments(lock: Path) -> Command:
    """Exactly these packages for development; for a start what is there besides may stay."""
    verb = ["sync"] if lock.stem == "dev" else ["install", "-r"]
    index = _pips_index()
    return [
        "pip", *verb, lock, "--require-hashes", "--python", PYTHON,
        *(["--default-index", index] if index else []),
    ]  # fmt: skip


def _pips_index() -> str:
    """Where pip was told to look, which uv does not read by itself."""
    asked = subprocess.run(
        [PYTHON, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    return os.environ.get("PIP_INDEX_URL", "") or asked.stdout.strip()


def _run(command: Command, *, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=output, stderr=output, check=False).returncode


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "base")
    except KeyboardInterrupt:
        sys.exit("\nkapell: stopped")
    except OSError as problem:
        sys.exit(f"kapell: cannot install into {VENV} ({problem.strerror})")
