"""The clock's and the outbox's tasks of the kernel."""

from celery import shared_task

from config.kernel import dispatch as dispatcher
from config.kernel import idempotency


@shared_task(ignore_result=True)
def dispatch() -> None:
    """Deliver every event that is due. Also the sweeper: beat calls it every five seconds."""
    dispatcher.deliver_due()


@shared_task(ignore_result=True)
def forget_old_answers() -> None:
    """Drop stored answers older than their retention."""
    idempotency.forget_old()
