"""The hearts of worker and beat: a sign of life from the very loop that does the work.

A thread of its own would go on beating in a program that hangs.
"""

import logging
import time
from typing import Any

import psycopg
from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.utils.nodenames import gethostname

from config.operations import pulses
from config.operations.models import Pulse

_log = logging.getLogger(__name__)


class WorkerHeart(bootsteps.StartStopStep):  # type: ignore[misc]
    """Beats in the worker's main loop, which also hands the tasks out."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self.timer: Any = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        """Beat now and from now on."""
        _beat(Pulse.Kind.WORKER, parent.hostname)
        self.timer = parent.timer.call_repeatedly(
            pulses.EVERY, _beat, (Pulse.Kind.WORKER, parent.hostname)
        )

    def stop(self, parent: Any) -> None:
        """Tell that this is the end, not an accident."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        try:
            pulses.stop(kind=Pulse.Kind.WORKER, name=parent.hostname)
        except psycopg.Error as error:
            _log.warning("could not take leave: %s", error)


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """Celery's scheduler with a heart in its loop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.next_beat = 0.0
        self.host = f"beat@{gethostname()}"
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """Beat when it is time, then do Celery's turn; return how long there is nothing to do."""
        if time.monotonic() >= self.next_beat:
            self.next_beat = time.monotonic() + pulses.EVERY
            _beat(Pulse.Kind.BEAT, self.host)
        return min(float(super().tick(*args, **options)), pulses.EVERY)

    def close(self) -> None:
        """Tell that this is the end, not an accident."""
        try:
            pulses.stop(kind=Pulse.Kind.BEAT, name=self.host)
        except psycopg.Error as error:
            _log.warning("could not take leave: %s", error)
        super().close()


def _beat(kind: str, name: str) -> None:
    try:
        pulses.beat(kind=kind, name=name)
    except psycopg.Error as error:
        _log.warning("no sign of life could be written: %s", error)
