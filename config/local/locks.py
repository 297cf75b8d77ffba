"""File locks the kernel releases by itself when their holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path

from config.local.errors import LocalError


class Lock:
    """An advisory lock on a file; held until released or until the process ends."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._descriptor: int | None = None

    def exclusively(self, within: float = 0) -> bool:
        """Takes it alone; False when others hold it for longer than that."""
        return self._take(fcntl.LOCK_EX, within)

    def shared(self, within: float = 0) -> bool:
        """Takes it beside others; False when somebody holds it alone for longer than that."""
        return self._take(fcntl.LOCK_SH, within)

    def wait_alone(self) -> None:
        """Blocks until nobody else holds it, then holds it alone."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def release(self) -> None:
        """Lets go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_taken(self) -> bool:
        """Whether somebody holds it alone right now."""
        probe = Lock(self.place)
        try:
            return not probe.shared()
        finally:
            probe.release()

    def _take(self, kind: int, within: float) -> bool:
        deadline = time.monotonic() + within
        while True:
            try:
                fcntl.flock(self._open(), kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.release()
                    return False
                time.sleep(0.02)
            else:
                return True

    def _open(self) -> int:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self.place, os.O_RDWR | os.O_CREAT, 0o600)
            except PermissionError:
                message = f"cannot open {self.place} (permission denied); it is another user's"
                raise LocalError(message) from None
        return self._descriptor
