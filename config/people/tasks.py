"""The clock's work for people: mails that wait, sessions and counters long over."""

from celery import shared_task

from config.kernel import clock
from config.people import errands
from config.people.services import guessing, sessions


@shared_task(ignore_result=True)
def send_notices() -> None:
    """Send mails about accounts. Also the sweeper: beat calls it every minute."""
    errands.send_notices(at=clock.now())


@shared_task(ignore_result=True)
def forget_old() -> None:
    """Delete sessions that are over and wrong attempts of yesterday."""
    sessions.forget_old(at=clock.now())
    guessing.forget_old(at=clock.now())
