"""`make up`: from nothing to a running, filled system, watched until Ctrl-C.

    python -m config.local.up

Servers, migrations, demo company, then web, worker and beat as children. Each step says how long
it took; whatever stands in the way is told in one line.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config.local import home, outside, servers, steps
from config.local.errors import LocalError
from config.local.locks import Lock
from config.local.supervisor import Supervisor

DEFAULT_PORT = 8000


def main() -> int:
    """Runs the system until it is told to stop; the exit status is 0 when it stopped in order."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a shell's background ignores INT
        signal.signal(number, _interrupt)
    try:
        home_folder = home.prepare(home.default())
        home.trim_logs(home_folder)
        return _run(home_folder)
    except LocalError as error:
        sys.stderr.write(f"kapell: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nkapell: stopped\n")
        return 130


def _run(home_folder: Path) -> int:
    port = _port()
    host = os.environ.get("HOST", "").strip() or "127.0.0.1"
    started = time.monotonic()
    with _only_one(home_folder):
        outside.require_free_port(host, port)
        return _serve(home_folder, host, port, started)


def _serve(home_folder: Path, host: str, port: int, started: float) -> int:
    with _servers(home_folder) as environment:
        steps.prepare(environment=environment, home_folder=home_folder)
        supervisor = Supervisor(
            environment=environment, home_folder=home_folder, host=host, port=port
        )
        try:
            supervisor.start()
            _welcome(home_folder, supervisor.address, time.monotonic() - started)
            supervisor.watch()
        except KeyboardInterrupt:
            print("\nkapell: stopping", flush=True)  # noqa: T201
        finally:
            supervisor.stop()
    print("kapell: stopped, the data is kept", flush=True)  # noqa: T201
    return 0


def _port() -> int:
    value = os.environ.get("PORT", "").strip() or str(DEFAULT_PORT)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise LocalError(f"PORT must be a number below 65536, not {value}")
    return int(value)


@contextlib.contextmanager
def _only_one(home_folder: Path) -> Iterator[None]:
    lock = Lock(home_folder / "secrets/up.lock")
    if not lock.exclusively(within=0.5):
        raise LocalError(f"already running in {home_folder}")
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _servers(home_folder: Path) -> Iterator[dict[str, str]]:
    """The children's environment with the addresses of the servers, embedded or real."""
    environment = {
        **os.environ,
        "KAPELL_HOME": str(home_folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "PYTHONUNBUFFERED": "1",
    }
    outside.require_servers(
        database_url=os.environ.get("DATABASE_URL"), redis_url=os.environ.get("REDIS_URL")
    )
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        print("kapell: starting PostgreSQL and Redis", flush=True)  # noqa: T201
        addresses = servers.join(home_folder)
        environment["DATABASE_URL"] = os.environ.get("DATABASE_URL") or addresses.database_url
        environment["REDIS_URL"] = os.environ.get("REDIS_URL") or addresses.redis_url
    try:
        yield environment
    finally:
        servers.leave(home_folder)


def _welcome(home_folder: Path, address: str, seconds: float) -> None:
    key = home_folder / "demo_channel_key"
    lines = [
        "",
        f"  Kapell is running    {address}  (ready after {seconds:.0f} s)",
        f"  Staff console        {address}admin/",
        f"  Staff login          {(home_folder / 'secrets/staff_login').read_text().strip()}",
    ]
    if key.exists():
        lines.append(f"  Demo channel key     {key.read_text().strip()}")
    lines += [
        f"  API                  {address}api/v1/   (schema: {address}api/schema/)",
        f"  Logs                 {home_folder}/logs",
        "",
        "  Ctrl-C stops it; the data is kept.",
        "",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
