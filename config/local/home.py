"""KAPELL_HOME: the one folder that holds data, secrets and logs of this machine's system."""

import contextlib
import os
import secrets
from pathlib import Path

from config.local.errors import LocalError

CHECKOUT = Path(__file__).resolve().parents[2]
FOR_ROOT = Path("/var/lib/kapell")
OTHERS_MAY_PASS = 0o001
LONGEST_LOG = 10 * 1024 * 1024


def default() -> Path:
    """KAPELL_HOME, or `var` in the checkout.

    PostgreSQL refuses to run as root. Root's servers run as another user, who cannot reach a
    checkout below a closed folder, so root's data then lies in /var/lib/kapell.
    """
    chosen = os.environ.get("KAPELL_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0 and not is_open(CHECKOUT):
        return FOR_ROOT
    return CHECKOUT / "var"


def is_open(folder: Path) -> bool:
    """Whether every user may pass through the folder and all above it."""
    return all(
        step.stat().st_mode & OTHERS_MAY_PASS for step in (folder, *folder.parents) if step.exists()
    )


def prepare(home: Path) -> Path:
    """The folder with its rooms, made if need be. Raises LocalError when it cannot be written."""
    try:
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        (home / "secrets").mkdir(mode=0o700, exist_ok=True)
        for room in ("logs", "media", "static"):
            (home / room).mkdir(exist_ok=True)
    except OSError as error:
        message = f"cannot write to {home} ({error.strerror}); set KAPELL_HOME to another folder"
        raise LocalError(message) from None
    if not os.access(home, os.W_OK | os.X_OK):
        message = f"cannot write to {home} (permission denied); set KAPELL_HOME to another folder"
        raise LocalError(message)
    return home


def trim_logs(home: Path) -> None:
    """Sets a long log aside, so that at most two files of each remain; call it before a start."""
    for log in (home / "logs").glob("*.log"):
        if log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.old"))


def secret(name: str, home: Path | None = None, *, length: int = 48) -> str:
    """The secret of that name, made at the first call and kept in a file only its owner reads."""
    place = prepare(home or default()) / "secrets" / name
    for _attempt in range(2):
        with contextlib.suppress(FileNotFoundError):
            return _read(place)
        keep_secret(name, secrets.token_urlsafe(length), home)
    return _read(place)


def keep_secret(name: str, value: str, home: Path | None = None) -> None:
    """Keeps a secret unless one of that name is there; on disk before anything relies on it."""
    place = prepare(home or default()) / "secrets" / name
    draft = _draft(place, value)
    with contextlib.suppress(FileExistsError):
        os.link(draft, place)
    draft.unlink()


def holds_secret(name: str, value: str, home: Path) -> bool:
    """Whether a secret of that name is kept here and is that one."""
    place = home / "secrets" / name
    return place.exists() and _read(place) == value


def replace_secret(name: str, value: str, home: Path) -> None:
    """Keeps a secret in the place of another of that name, if there is one."""
    place = prepare(home) / "secrets" / name
    draft = _draft(place, value)
    draft.replace(place)


def _draft(place: Path, value: str) -> Path:
    """A file beside the place that its owner reads, whole and on disk."""
    draft = place.with_name(f".{place.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def _read(place: Path) -> str:
    try:
        return place.read_text().strip()
    except PermissionError:
        raise LocalError(f"cannot read {place} (permission denied); it is another user's") from None
