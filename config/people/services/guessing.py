"""Slows guessing down: each attempt is booked before it is checked, and taken back when right.

So many tries at once get no further than one after another. Five are free; then an address waits
for this account half a minute, a minute, two, four … up to an hour. All accounts together may be
tried fifty times from one address. The books are in the database: without Redis they count on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac

from config.kernel import commands, folding, ids, security, sql
from config.kernel.models import User
from config.people.errors import LockedOut
from config.people.models import Guess

FREE, FREE_FROM_ONE_ADDRESS = 5, 50
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
EVERYBODY = "*"

# One statement counts and decides, so that attempts at the same moment cannot pass each other.
BOOK = """
INSERT INTO people_guess AS g (id, account, address, failures, last_at, locked_until)
VALUES (%(id)s, %(account)s, %(address)s, 1, %(at)s, %(at)s)
ON CONFLICT (account, address) DO UPDATE SET
  failures = CASE WHEN g.last_at < %(forgotten)s THEN 1 ELSE g.failures + 1 END,
  last_at = %(at)s,
  locked_until = CASE
    WHEN g.last_at < %(forgotten)s OR g.failures + 1 < %(free)s::int THEN %(at)s::timestamptz
    ELSE %(at)s::timestamptz
      + least(%(longest)s::interval,
              %(first)s::interval * power(2, least(g.failures + 1 - %(free)s::int, 20))) END
WHERE g.locked_until <= %(at)s
RETURNING g.failures
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was booked: whom it meant, from where."""

    account: str
    address: str


def account_of(user: User | None, name: str) -> str:
    """Return under what an attempt is counted; a name nobody has leaves only a hash."""
    if user is not None:
        return str(user.pk)
    return salted_hmac("people.guess", folding.key(name), algorithm="sha256").hexdigest()


@commands.command
def book(*, account: str, address: str, at: datetime) -> Attempt:
    """Count an attempt before it is checked. Raises `LockedOut` while it has to wait."""
    _count(EVERYBODY, address, FREE_FROM_ONE_ADDRESS, at)
    _count(account, address, FREE, at)
    return Attempt(account, address)


@commands.command
def was_right(*, attempt: Attempt, at: datetime) -> None:
    """Take a right attempt back; earlier wrong ones count on until somebody is signed in."""
    for account in (attempt.account, EVERYBODY):
        rows = Guess.objects.filter(account=account, address=attempt.address)
        for row in rows.select_for_update():
            row.failures = max(row.failures - 1, 0)
            row.locked_until = at
            row.save(update_fields=["failures", "locked_until"])


@commands.command
def forget(*, user: User, address: str | None = None) -> None:
    """Let somebody try again at once: who signed in from an address, or whom staff unlock."""
    rows = Guess.objects.filter(account=str(user.pk))
    (rows if address is None else rows.filter(address=address)).delete()


@commands.command
def unlock(*, user: User, by: User) -> None:
    """Let a person try again at once, from everywhere."""
    forget(user=user)
    security.note("unlocked", user=user.pk, by=by.pk)


def locks(*, user_id: UUID, at: datetime) -> Sequence[Guess]:
    """Return from where somebody is locked out now."""
    return list(Guess.objects.filter(account=str(user_id), locked_until__gt=at))


@commands.command
def forget_old(*, at: datetime) -> None:
    """Delete what has been quiet for a day."""
    Guess.objects.filter(last_at__lt=at - FORGOTTEN_AFTER, locked_until__lt=at).delete()


def _count(account: str, address: str, free: int, at: datetime) -> None:
    booked = sql.fetch_one(
        BOOK,
        {
            "id": ids.new(), "account": account, "address": address, "at": at, "free": free,
            "forgotten": at - FORGOTTEN_AFTER, "first": FIRST_WAIT, "longest": LONGEST_WAIT,
        },
    )  # fmt: skip
    if booked is None:
        until = Guess.objects.values_list("locked_until", flat=True)
        raise LockedOut(until.get(account=account, address=address))
    if booked[0] >= free:
        security.note("locked_out", account=account, address=address)
