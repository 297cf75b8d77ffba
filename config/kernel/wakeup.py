"""Wakes the worker after a commit: five times a second at most, less while Redis is down.

A wake-up is a courtesy; the sweeper over PostgreSQL is the guarantee.
"""

import logging
import threading
import time

from celery import current_app

INTERVAL, PAUSE_AFTER_FAILURE = 0.2, 5.0
# What nobody took up by then is dropped: the next sweep is due, and a busy worker gets no backlog.
STALE = 5.0
DISPATCH = "config.kernel.tasks.dispatch"

_lock = threading.Lock()
_not_before = 0.0
_timer: threading.Timer | None = None
_log = logging.getLogger(__name__)


def dispatch() -> None:
    """Ask the worker to deliver events, now or when the interval is over."""
    global _timer  # noqa: PLW0603 - one wake-up per process is the point
    with _lock:
        if _timer is not None:
            return
        wait = max(0.0, _not_before - time.monotonic())
        _timer = threading.Timer(wait + 0.01, _send)
        _timer.daemon = True
        _timer.start()


def send(task: str) -> None:
    """Ask the worker to run a task now, from a thread: a queue that is away delays nobody."""
    threading.Thread(target=_try, args=(task,), name="wake-up", daemon=True).start()


def _try(task: str) -> bool:
    try:
        current_app.send_task(task, retry=False, ignore_result=True, expires=STALE)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
        _log.warning("wake-up failed, the sweeper will deliver: %s", error)
        return False
    return True


def _send() -> None:
    global _timer, _not_before  # noqa: PLW0603
    with _lock:
        _timer = None
        _not_before = time.monotonic() + INTERVAL
    if not _try(DISPATCH):
        with _lock:
            _not_before = time.monotonic() + PAUSE_AFTER_FAILURE
