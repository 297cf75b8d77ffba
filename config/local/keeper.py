"""The process that owns a home's servers: starts, watches, restarts and at the end stops them.

    python -m config.local.keeper HOME [--throwaway]

It says one line on standard output (`ready`, `taken` or `error: …`) and then stays until the last
user of the home is gone or it is told to end.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path

from config.local import binaries, children, home, servers
from config.local.errors import LocalError
from config.local.plan import Plan
from config.local.postgres import Postgres
from config.local.valkey import Valkey

ATTEMPTS = 3


class Keeper:
    """Both servers of one home."""

    def __init__(self, home_folder: Path, plan: Plan) -> None:
        self.home = home_folder
        self.plan = plan
        self.ending = threading.Event()
        identity = children.unprivileged()
        spare = home_folder / "programs"
        spare.mkdir(exist_ok=True)
        _require_passage(home_folder, identity)
        self.postgres = Postgres(
            home_folder=home_folder,
            bin_folder=binaries.postgres(identity, spare),
            identity=identity,
            plan=plan,
        )
        self.valkey = Valkey(
            home_folder=home_folder,
            program=binaries.redis(identity, spare),
            identity=identity,
            plan=plan,
        )
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = self._remembered_ports()

    def start(self) -> None:
        """Both servers answer and are announced. Raises LocalError."""
        self.postgres.prepare()
        self._start_one("redis")
        self._start_one("postgres")
        self.postgres.furnish(self.ports["postgres"])
        self._ports_file().write_text(json.dumps(self.ports))
        servers.announce(
            self.home,
            servers.Addresses(
                self.postgres.url(self.ports["postgres"]), self.valkey.url(self.ports["redis"])
            ),
        )

    def watch(self) -> None:
        """Restarts a server that died, at its old address, until it is time to end."""
        while not self.ending.wait(0.25):
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    _note(f"{name} ended with {process.returncode}, starting it again")
                    if name == "postgres":
                        self.postgres.prepare()
                    self._start_one(name)

    def stop(self) -> None:
        """Redis first, so that nothing new is taken up, then PostgreSQL; bounded."""
        servers.withdraw(self.home)
        for name, server in (("redis", self.valkey), ("postgres", self.postgres)):
            if name in self.running:
                server.stop(self.running.pop(name))

    def _start_one(self, name: str) -> None:
        server = self.postgres if name == "postgres" else self.valkey
        for attempt in range(1, ATTEMPTS + 1):
            if name not in self.running:
                self.ports[name] = _free_port(self.ports.get(name, 0))
            try:
                self.running[name] = server.start(self.ports[name])
            except LocalError:
                if attempt == ATTEMPTS:
                    raise
            else:
                return

    def _ports_file(self) -> Path:
        return self.home / "secrets/ports.json"

    def _remembered_ports(self) -> dict[str, int]:
        try:
            return dict(json.loads(self._ports_file().read_text()))
        except (OSError, ValueError):
            return {}


def main(arguments: list[str] | None = None) -> int:
    """Runs one keeper; the exit status is 0 when it stopped in good order."""
    parser = argparse.ArgumentParser(prog="config.local.keeper")
    parser.add_argument("home", type=Path)
    parser.add_argument("--throwaway", action="store_true")
    options = parser.parse_args(arguments)
    lock = servers.keeper_lock(options.home)
    if not lock.exclusively(within=0.2):  # somebody may be looking whether it is taken
        _say("taken")
        return 0
    try:
        return _keep(options.home, Plan(throwaway=options.throwaway))
    finally:
        if options.throwaway:
            shutil.rmtree(options.home, ignore_errors=True)
        lock.release()


def _keep(home_folder: Path, plan: Plan) -> int:
    servers.withdraw(home_folder)
    keeper = None
    try:
        home.trim_logs(home.prepare(home_folder))
        keeper = Keeper(home_folder, plan)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: keeper.ending.set())
        keeper.start()
        _say("ready")
        threading.Thread(target=_end_with_last_user, args=[keeper], daemon=True).start()
        keeper.watch()
    except LocalError as error:
        _say(f"error: {error}")
        _note(str(error))
        return 1
    except Exception:  # noqa: BLE001  (whatever it is, the servers must not stay behind)
        _note(traceback.format_exc())
        return 1
    finally:
        if keeper:
            keeper.stop()
    return 0


def _end_with_last_user(keeper: Keeper) -> None:
    """The kernel wakes us when no user is left; new users then wait until we are gone."""
    servers.users_lock(keeper.home).wait_alone()
    keeper.ending.set()


def _require_passage(home_folder: Path, identity: children.Identity | None) -> None:
    if identity and not home.is_open(home_folder):
        raise LocalError(
            f"{home_folder} lies below a folder closed to the servers' user; "
            "set KAPELL_HOME to another folder, for example /var/lib/kapell"
        )


def _free_port(wanted: int) -> int:
    """The wanted port if it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LocalError("no free port on 127.0.0.1")


def _say(word: str) -> None:
    """Tells the process that started us; after that nobody reads, so the pipe is given up."""
    try:
        os.write(sys.stdout.fileno(), f"{word}\n".encode())
    except OSError:
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _note(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
