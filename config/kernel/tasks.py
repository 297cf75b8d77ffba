"""The clock's and the outbox's tasks of the kernel."""

from celery import shared_task

from config.kernel import clock, idempotency, jobs
from config.kernel import dispatch as dispatcher
from config.kernel.jobs import retention
from config.kernel.uploads import retention as upload_retention
from config.kernel.webhooks import errands, sender
from config.kernel.webhooks import retention as webhook_retention

HOURS = 4 * 60 * 60


@shared_task(ignore_result=True)
def dispatch() -> None:
    """Deliver every event that is due. Also the sweeper: beat calls it every five seconds."""
    dispatcher.deliver_due()


@shared_task(ignore_result=True)
def forget_old_answers() -> None:
    """Drop stored answers older than their retention."""
    idempotency.forget_old()


@shared_task(ignore_result=True, acks_late=False, soft_time_limit=HOURS, time_limit=HOURS + 60)
def run_jobs() -> None:
    """Run jobs that are due. Also the sweeper: beat calls it every few seconds.

    Work that cannot pause may take long, so it is not the queue that brings it back when a worker
    dies but the job's lease.
    """
    jobs.work()


@shared_task(ignore_result=True)
def forget_old_jobs() -> None:
    """Delete the files and rows of jobs that ended a month ago."""
    retention.forget_old(at=clock.now())


@shared_task(ignore_result=True)
def forget_old_uploads() -> None:
    """Drop the rows of uploads of a month ago; nobody decides about older ones any more."""
    upload_retention.forget_old(at=clock.now())


@shared_task(ignore_result=True)
def send_webhooks() -> None:
    """Send every webhook that is due. Also the sweeper: beat calls it every five seconds."""
    sender.run()


@shared_task(ignore_result=True)
def tell_switched_off_webhooks() -> None:
    """Mail those who can mend it that a webhook was switched off."""
    errands.tell_switched_off()


@shared_task(ignore_result=True)
def forget_old_deliveries() -> None:
    """Delete attempts and settled deliveries of a month ago."""
    webhook_retention.forget_old()
