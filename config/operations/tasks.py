"""The clock's tasks that keep watch over the system itself."""

from celery import shared_task

from config.operations import pulses
from config.operations.models import Pulse


@shared_task(ignore_result=True)
def beat_queue() -> None:
    """Prove that what beat sends arrives at a worker and is done."""
    pulses.beat(kind=Pulse.Kind.QUEUE, name="queue")
