"""The only door to a transaction: the outermost command opens it, lost races run again."""

import functools
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, transaction

from config.kernel import errors

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK, SERIALIZATION, LOCK_TIMEOUT = "40P01", "40001", "55P03"
RETRIED = frozenset({DEADLOCK, SERIALIZATION, LOCK_TIMEOUT})
DATABASE_RETRIES = 3
RERUNS = 5
PATIENCE = 2.0  # seconds after which a lost race is not run again

_inside: ContextVar[bool] = ContextVar("kapell_inside_command", default=False)


class Rerun(Exception):
    """Raised inside a command to roll everything back and run it again on fresh figures."""


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in one READ COMMITTED transaction and again when it lost a race.

    The outermost command opens the transaction; commands it calls join it without a savepoint,
    because ROLLBACK TO SAVEPOINT would free row locks. Deadlocks, serialization failures and lock
    timeouts are tried three more times, a `Rerun` five times, with jitter; then, or when two
    seconds are over, `errors.Busy` is raised. So a caller behind a long transaction waits for one
    lock timeout, not for four.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return function(*args, **kwargs)
        return _outermost(function, *args, **kwargs)

    return run


def inside() -> bool:
    """Tell whether a command is under way, so that what needs the network can refuse."""
    return _inside.get()


def _outermost(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    reruns = retries = 0
    patient_until = time.monotonic() + PATIENCE
    while True:
        token = _inside.set(True)
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except Rerun as lost:
            reruns += 1
            if reruns > RERUNS:
                raise errors.Busy from lost
        except DatabaseError as error:
            retries += 1
            if sqlstate(error) not in RETRIED:
                raise
            if retries > DATABASE_RETRIES or time.monotonic() > patient_until:
                raise errors.Busy from error
        finally:
            _inside.reset(token)
        time.sleep(random.uniform(0, 0.005) * 2 ** (reruns + retries))  # noqa: S311 - jitter


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-letter code of a database error."""
    return getattr(error.__cause__, "sqlstate", None)


def constraint(error: BaseException) -> str | None:
    """Return the name of the constraint that a database error violated."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
