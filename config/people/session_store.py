"""Django's sessions in the database, each with its owner and its two ends."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from config.kernel import clock
from config.people.models import StaffSession

ADDRESS, AGENT = "address", "agent"
SEEN_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Keeps the row a session was read from, so that nothing is asked twice."""

    row: StaffSession | None = None

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _get_session_from_db(self) -> Any:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        """Return the row of this session; one that goes on keeps its beginning and its end."""
        now = clock.now()
        new: Any = super().create_model_instance(data)
        old = self.row if self.row and self.row.session_key == new.session_key else None
        new.number = old.number if old else new.number
        new.user_id = data.get(SESSION_KEY)
        new.address, new.agent = data.get(ADDRESS, ""), data.get(AGENT, "")
        new.seen_at = now
        new.started_at = old.started_at if old else now
        new.ends_at = old.ends_at if old else now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        new.expire_date = min(new.ends_at, now + settings.SESSION_IDLE)
        self.row = new
        return self.row

    def seen(self) -> None:
        """Put the idle end off, at most once a minute."""
        now, row = clock.now(), self.row
        if row is None or now - row.seen_at < SEEN_EVERY:
            return
        row.seen_at, row.expire_date = now, min(row.ends_at, now + settings.SESSION_IDLE)
        StaffSession.objects.filter(pk=row.pk).update(
            seen_at=row.seen_at, expire_date=row.expire_date
        )
