"""The embedded PostgreSQL and Redis-compatible server of `make up`, `manage.py` and the tests.

Plain child processes on loopback ports with random passwords, watched by one keeper per
KAPELL_HOME. Whoever uses them holds a shared lock; when the last one leaves, by whatever death,
the keeper stops them. Nothing here knows Django.
"""

import os
from collections.abc import Sequence

from config.local import home, servers
from config.local.errors import LocalError

__all__ = ["LocalError", "ensure"]

SETTINGS = "config.settings.local"
WITHOUT_DATABASE = frozenset(
    {
        "help", "version", "up", "check", "collectstatic", "compilemessages", "makemessages",
        "diffsettings", "findstatic", "spectacular", "startapp", "startproject", "test",
        "translations",
    }
)  # fmt: skip
ONLY_WHILE_RUNNING = frozenset({"doctor"})  # looks at servers, never starts them


def ensure(arguments: Sequence[str]) -> None:
    """Gives a management command under the local settings its servers, for as long as it lives.

    Joins those that run under the same KAPELL_HOME or starts them; sets DATABASE_URL, REDIS_URL
    and KAPELL_HOME. Does nothing when DATABASE_URL is set or the command needs no database.
    Raises LocalError.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS:
        return
    os.environ.setdefault("KAPELL_HOME", str(home.default()))
    if os.environ.get("DATABASE_URL") or not _needs_database(arguments):
        return
    addresses = _join(_command(arguments))
    os.environ["DATABASE_URL"] = addresses.database_url
    os.environ.setdefault("REDIS_URL", addresses.redis_url)


def _join(command: str) -> servers.Addresses:
    folder = home.default()
    if command not in ONLY_WHILE_RUNNING:
        return servers.join(folder)
    addresses = servers.running(folder) if folder.exists() else None
    if addresses is None:
        raise LocalError(f"nothing runs in {folder}; start it with `make up`")
    return addresses


def _needs_database(arguments: Sequence[str]) -> bool:
    asks_only = {"--help", "-h", "--version"} & set(arguments)
    return _command(arguments) not in WITHOUT_DATABASE and not asks_only


def _command(arguments: Sequence[str]) -> str:
    return next((word for word in arguments[1:] if not word.startswith("-")), "help")
