"""The embedded Redis-compatible server: queue and cache, with a password, kept in an append log."""

import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from config.local import children, home
from config.local.errors import LocalError
from config.local.plan import Plan

START_WITHIN = 60.0


class Valkey:
    """One server below a home."""

    def __init__(
        self, *, home_folder: Path, program: Path, identity: children.Identity | None, plan: Plan
    ) -> None:
        self.home = home_folder
        self.program = program
        self.identity = identity
        self.plan = plan
        self.data = home_folder / "redis"
        self.log = home_folder / "logs/redis.log"

    def start(self, port: int) -> subprocess.Popen[bytes]:
        """Starts the server and waits until it answers. Raises LocalError."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        configuration = self._write_configuration(port)
        if self.identity:
            self.identity.own(self.data, configuration)
        process = children.start(
            [self.program, configuration], log=self.log, identity=self.identity
        )
        answered = children.wait_until(
            lambda: process.poll() is not None or self._answers(port), within=START_WITHIN
        )
        if not answered or process.poll() is not None:
            children.stop(process, signal.SIGKILL)
            raise LocalError(f"the Redis-compatible server did not start, see {self.log}")
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ends the server after it wrote its log."""
        children.stop(process, signal.SIGTERM, patience=15)

    def url(self, port: int) -> str:
        """Where the application connects."""
        return f"redis://:{home.secret('redis', self.home)}@127.0.0.1:{port}/0"

    def _write_configuration(self, port: int) -> Path:
        """The password stands in a file, not in the process list."""
        settings = {
            **self.plan.redis_options,
            "port": str(port),
            "dir": str(self.data),
            "requirepass": home.secret("redis", self.home),
        }
        place = self.data / "server.conf"
        place.unlink(missing_ok=True)
        place.touch(mode=0o600)
        place.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return place

    def _answers(self, port: int) -> bool:
        try:
            with Redis.from_url(
                self.url(port), socket_connect_timeout=2, socket_timeout=2
            ) as client:
                return bool(client.ping())
        except RedisError:
            return False
