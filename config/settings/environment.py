"""Reads settings' data from the environment; what is missing or malformed is named at start."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCK_TIMEOUTS = {"web": "2s", "worker": "5s", "command": "5s"}
STATEMENT_TIMEOUTS = {"web": "10s", "worker": "5min", "command": "0"}
IDLE_TIMEOUTS = {"web": "15s", "worker": "60s"}
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})

# A cut wire is noticed in half a minute on both sides, not after two hours.
LIBPQ_NOTICES_A_LOST_SERVER = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20000,
}
SERVER_NOTICES_A_LOST_CLIENT = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}


def text(name: str, default: str | None = None) -> str:
    """The variable, or the default; without a default a missing one stops the start."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} is required and not set.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """The variable as yes or no."""
    value = os.environ.get(name, "yes" if default else "no").strip().lower()
    if value not in TRUE_WORDS | FALSE_WORDS:
        raise ImproperlyConfigured(f"The environment variable {name} must be 1 or 0, not {value}.")
    return value in TRUE_WORDS


def number(name: str, default: int) -> int:
    """The variable as a whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        message = f"The environment variable {name} must be a whole number, not {value}."
        raise ImproperlyConfigured(message) from None


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def path(name: str, default: Path) -> Path:
    """The variable as an absolute path."""
    return Path(text(name, str(default))).expanduser().absolute()


def role() -> str:
    """What this process is: web, worker or command; it decides how long statements may take."""
    value = text("KAPELL_ROLE", "command")
    if value not in LOCK_TIMEOUTS:
        raise ImproperlyConfigured(f"KAPELL_ROLE must be web, worker or command, not {value}.")
    return value


def database(name: str = "DATABASE_URL", default: str | None = None) -> dict[str, Any]:
    """Django's database entry for a postgresql:// address, fitted to the role of the process."""
    url = urlsplit(text(name, default))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        message = f"{name} must look like postgresql://user:password@host:5432/name."
        raise ImproperlyConfigured(message)
    query = dict(parse_qsl(url.query))
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", url.hostname or ""),
        "PORT": str(url.port or ""),
        **_connections(query),
    }


def _connections(query: dict[str, str]) -> dict[str, Any]:
    """Web threads share a pool; a worker keeps its connection (Celery closes pools per task)."""
    current = role()
    options: dict[str, Any] = {
        "connect_timeout": 5,
        "application_name": f"kapell-{current}",
        **LIBPQ_NOTICES_A_LOST_SERVER,
        **query,
        "options": " ".join([query.get("options", ""), *_session(current)]).strip(),
    }
    if current == "web":
        options["pool"] = {
            "min_size": 1,
            "max_size": number("KAPELL_DATABASE_POOL", 4),
            "timeout": 3,
            "max_lifetime": 1800,
        }
    return {
        "CONN_MAX_AGE": 0 if current == "web" else 600,
        "CONN_HEALTH_CHECKS": current != "web",
        "OPTIONS": options,
    }


def _session(current: str) -> list[str]:
    """Server settings of each connection; plans and page costs as measured for placement."""
    limits = {
        "random_page_cost": "1.1",
        "plan_cache_mode": "force_generic_plan",
        "lock_timeout": LOCK_TIMEOUTS[current],
        "statement_timeout": STATEMENT_TIMEOUTS[current],
        **SERVER_NOTICES_A_LOST_CLIENT,
    }
    if current in IDLE_TIMEOUTS:
        limits["idle_in_transaction_session_timeout"] = IDLE_TIMEOUTS[current]
    return [f"-c {name}={value}" for name, value in limits.items()]


def mail_backend(host: str) -> str:
    """Django's way to send mail: to the server, or without one into files."""
    kind = "smtp" if host else "filebased"
    return f"django.core.mail.backends.{kind}.EmailBackend"


def next_database(redis_url: str) -> str:
    """The same Redis server's next database number."""
    url = urlsplit(redis_url)
    number_now = int(url.path.strip("/") or 0)
    return url._replace(path=f"/{number_now + 1}").geturl()


def required_words(name: str) -> list[str]:
    """The variable as a list that has at least one entry."""
    text(name)
    return words(name)
