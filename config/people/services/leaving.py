"""What somebody who leaves owns of the kernel's: saved views go on, unfinished jobs are named."""

from collections.abc import Sequence
from datetime import datetime

from config.kernel import commands
from config.kernel.actors import Actor
from config.kernel.belongings import Belonging
from config.kernel.models import Job, JobStatus, SavedView, User

NAME_LENGTH = 60


def views_of(user: User) -> Sequence[Belonging]:
    """Return the views somebody saved."""
    return [Belonging(view.name) for view in SavedView.objects.filter(owner=user).order_by("name")]


@commands.command
def hand_views_over(*, user: User, to: User, actor: Actor, at: datetime) -> None:
    """Give saved views to another; one whose name is taken gets the leaver's name, too."""
    del actor, at
    for view in SavedView.objects.select_for_update().filter(owner=user).order_by("pk"):
        view.name = _free_name(view, user, to)
        view.owner = to
        view.save(update_fields=["owner", "name", "updated_at"])


def jobs_of(user: User) -> Sequence[Belonging]:
    """Return jobs that stop when their starter is deactivated."""
    waiting = Job.objects.filter(
        started_by=user, status__in=[JobStatus.QUEUED, JobStatus.RUNNING]
    ).order_by("pk")
    return [Belonging(str(job)) for job in waiting]


def _free_name(view: SavedView, user: User, to: User) -> str:
    taken = set(SavedView.objects.filter(owner=to, page=view.page).values_list("name", flat=True))
    wanted = [view.name, *(f"{view.name[:30]} ({str(user)[:20]} {n})" for n in range(1, 100))]
    return next(name[:NAME_LENGTH] for name in wanted if name[:NAME_LENGTH] not in taken)
