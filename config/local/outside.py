"""Looks before starting: is the port free, do the servers we were given answer."""

import socket

import psycopg
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from config.local.errors import LocalError

OLDEST_POSTGRESQL = 160000


def require_free_port(host: str, port: int) -> None:
    """Raises LocalError when we could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise LocalError(f"port {port} needs more rights; set PORT above 1023") from None
        except OSError as error:
            reason = "is taken" if "in use" in str(error) else f"cannot be used ({error.strerror})"
            raise LocalError(f"port {port} on {host} {reason}; set PORT to another") from None


def require_servers(*, database_url: str | None, redis_url: str | None) -> None:
    """Raises LocalError, without any password in it, when a given one cannot be used."""
    if database_url:
        _require_database(database_url)
    if redis_url:
        _require_redis(redis_url)


def _require_database(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.ProgrammingError:
        raise LocalError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name"
        ) from None
    except psycopg.OperationalError as error:
        raise LocalError(f"DATABASE_URL cannot be reached: {_reason(error)}") from None
    if version < OLDEST_POSTGRESQL:
        raise LocalError(f"DATABASE_URL is PostgreSQL {version // 10000}; 16 or newer is needed")


def _require_redis(url: str) -> None:
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except AuthenticationError:
        raise LocalError("REDIS_URL is refused: wrong user or password") from None
    except (RedisError, ValueError) as error:
        raise LocalError(f"REDIS_URL cannot be reached: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """The telling line of several; libpq adds advice below it."""
    lines = [line.strip("- \t") for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "failed: " in line]
    return (telling or lines or [type(error).__name__])[0].removeprefix("connection failed: ")
