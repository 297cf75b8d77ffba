"""Whether the person who started a job may still do what it does, asked again at every step."""

from config.kernel.jobs.errors import Stopped
from config.kernel.models import Job, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
DEACTIVATED, NOT_ALLOWED = "starter_deactivated", "not_allowed"


def starter(job: Job, permission: str) -> User:
    """Return who started the job, with today's rights; one statement.

    Raises `Stopped` when that person was deactivated or has lost the permission.
    """
    people = User.objects.filter(pk=job.started_by_id)
    allowed = User.objects.with_perm(permission, backend=BACKEND)
    found = people.filter(pk__in=allowed.values("pk")).first()
    if found is None:
        active = people.filter(is_active=True).exists()
        raise Stopped(NOT_ALLOWED if active else DEACTIVATED)
    return found
