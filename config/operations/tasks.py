"""The clock's tasks that keep watch over the system itself."""

import contextlib

from celery import shared_task

from config.kernel import clock
from config.operations import pulses
from config.operations.backups import keeping, making
from config.operations.models import Backup, Pulse


@shared_task(ignore_result=True)
def beat_queue() -> None:
    """Prove that what beat sends arrives at a worker and is done."""
    pulses.beat(kind=Pulse.Kind.QUEUE, name="queue")


@shared_task(ignore_result=True)
def forget_silent_programs() -> None:
    """Drop the signs of life of programs nobody has heard of for a day."""
    pulses.forget_old()


# A large database takes long; if the queue hands it out again meanwhile, the second finds the lock.
@shared_task(ignore_result=True, time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def back_up_when_due() -> None:
    """Make the nightly backup, at any hour when last night's is missing."""
    if keeping.is_due(at=clock.now()):
        with contextlib.suppress(making.AlreadyRunning):
            making.make(kind=Backup.Kind.NIGHTLY)
            keeping.thin_out()


@shared_task(ignore_result=True, time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def back_up(*, kind: str) -> None:
    """Make a backup now, because somebody asked for one."""
    with contextlib.suppress(making.AlreadyRunning):
        making.make(kind=kind)
