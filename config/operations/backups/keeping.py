"""When a nightly backup is due, and which old ones go."""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings

from config.operations.models import Backup

AT = time(1, 40)  # UTC
TRY_AGAIN_AFTER = timedelta(hours=1)


def is_due(*, at: datetime) -> bool:
    """Tell whether none was made since the last 01:40 UTC and none tried for an hour.

    A system that is off at night makes its backup when it is on again.
    """
    if not settings.BACKUPS_KEPT:
        return False
    night = datetime.combine(at.date(), AT, at.tzinfo)
    if night > at:
        night -= timedelta(days=1)
    if Backup.objects.filter(failure="", began_at__gte=night).exists():
        return False
    return not Backup.objects.filter(ended_at__gt=at - TRY_AGAIN_AFTER).exists()


def thin_out() -> list[Path]:
    """Delete the nightly backups beyond those that are kept; return the files that went.

    Backups made by hand stay, and so does a file whose row is gone.
    """
    old = Backup.objects.filter(kind=Backup.Kind.NIGHTLY, failure="").order_by("-began_at")
    gone = []
    for backup in old[settings.BACKUPS_KEPT :]:
        path = Path(backup.path)
        path.unlink(missing_ok=True)
        backup.delete()
        gone.append(path)
    failures = Backup.objects.exclude(failure="").order_by("-began_at").values("pk")[:20]
    Backup.objects.exclude(failure="").exclude(pk__in=failures).delete()
    return gone
