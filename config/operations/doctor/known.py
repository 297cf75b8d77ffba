"""Looks at what the database knows: programs' signs of life, backups, the outbox, transactions."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.kernel import words
from config.operations import pulses
from config.operations.doctor.findings import Finding, Look, check
from config.operations.facts import Facts, Made, Sign
from config.operations.models import Pulse

BACKUP_LATE, BACKUP_MISSING = timedelta(hours=27), timedelta(hours=51)
OUTBOX_SLOW, OUTBOX_STUCK = timedelta(minutes=1), timedelta(minutes=5)
TRANSACTION_LONG, TRANSACTION_STUCK = timedelta(minutes=1), timedelta(minutes=15)


@check("worker", gettext_lazy("Worker"))
def worker(look: Look, facts: Facts) -> Finding:
    """A worker lives; one that fell silent without taking leave is named."""
    signs = facts.of(Pulse.Kind.WORKER)
    alive, silent = _divided(facts, signs)
    remedy = _("Start the worker again; its log says why it ended.")
    if not signs:
        return look.failed(_("No worker has ever given a sign of life."), remedy)
    if silent:
        said = _told_silent(facts, silent)
        return look.warning(said, remedy) if alive else look.failed(said, remedy)
    names = ", ".join(sign.name for sign in alive)
    return look.ok(_("%(names)s works.") % {"names": names})


@check("beat", gettext_lazy("Clock (beat)"))
def beat(look: Look, facts: Facts) -> Finding:
    """The clock that starts sweeps and nightly work goes."""
    signs = facts.of(Pulse.Kind.BEAT)
    alive, silent = _divided(facts, signs)
    remedy = _("Start beat again: sweeps, nightly work and backups wait for it.")
    if not alive:
        said = _told_silent(facts, silent) if silent else _("Beat has never given a sign of life.")
        return look.failed(said, remedy)
    if len(alive) > 1:
        names = ", ".join(sign.name for sign in alive)
        said = _("%(count)d run: %(names)s.") % {"count": len(alive), "names": names}
        return look.warning(said, _("One is enough; stop the others."))
    return look.ok(_("%(names)s goes.") % {"names": alive[0].name})


@check("queue", gettext_lazy("Queue"))
def queue(look: Look, facts: Facts) -> Finding:
    """What beat sends is done by a worker."""
    sign = next(iter(facts.of(Pulse.Kind.QUEUE)), None)
    if sign is None:
        return look.warning(_("Nothing has gone through yet."), _("Start beat and a worker."))
    age = facts.age(sign.at)
    if age > pulses.QUEUE_STALE:
        said = _("No task has been done for %(age)s.") % {"age": _span(age)}
        return look.failed(said, _("See whether Redis, beat and the workers are well; restart."))
    return look.ok(_("The last task was done %(age)s ago.") % {"age": _span(age)})


@check("backup", gettext_lazy("Last backup"))
def backup(look: Look, facts: Facts) -> Finding:
    """There is a backup of last night."""
    if not settings.BACKUPS_KEPT:
        return look.ok(_("Made elsewhere (KAPELL_BACKUPS_KEPT is 0)."))
    if facts.backup_failure:
        said = _("The last one failed: %(why)s") % {"why": facts.backup_failure[:200]}
        return look.failed(said, _("Run `make backup`."))
    if facts.backup is None:
        return look.warning(_("None has been made yet."), _("Run `make backup`."))
    return _judged(look, facts.backup, facts.age(facts.backup.at))


def _judged(look: Look, made: Made, age: timedelta) -> Finding:
    """A file of this machine that has gone is no backup; another machine's cannot be looked at."""
    path = Path(made.path)
    if path.parent.is_dir() and not path.exists():
        return look.failed(_("%(path)s is gone.") % {"path": path}, _("Run `make backup`."))
    said = _("%(age)s ago, %(size)s: %(path)s")
    said %= {"age": _span(age), "size": words.size(made.size), "path": path}
    remedy = _("The worker's log says why none was made at night; run `make backup`.")
    if age > BACKUP_MISSING:
        return look.failed(said, remedy)
    return look.warning(said, remedy) if age > BACKUP_LATE else look.ok(said)


@check("outbox", gettext_lazy("Events to handle"))
def outbox(look: Look, facts: Facts) -> Finding:
    """Events are handled soon after they happen."""
    if facts.waiting_since is None:
        return look.ok(_("Nothing waits."))
    age = facts.age(facts.waiting_since)
    said = ngettext(
        "%(count)s waits, the oldest for %(age)s.", "%(count)s wait, the oldest for %(age)s.",
        facts.waiting,
    ) % {"count": words.count(facts.waiting), "age": _span(age)}  # fmt: skip
    remedy = _("See whether the workers are well; start more of them if they are only busy.")
    if age > OUTBOX_STUCK:
        return look.failed(said, remedy)
    return look.warning(said, remedy) if age > OUTBOX_SLOW else look.ok(said)


@check("deliveries", gettext_lazy("Failed deliveries"))
def deliveries(look: Look, facts: Facts) -> Finding:
    """Nothing was given up, neither inside nor to receivers."""
    if not facts.parked:
        return look.ok(_("None."))
    said = ngettext(
        "%(count)s was given up after several tries.",
        "%(count)s were given up after several tries.",
        facts.parked,
    ) % {"count": words.count(facts.parked)}
    return look.warning(said, _("Failed deliveries in the console says why and tries again."))


@check("transactions", gettext_lazy("Longest transaction"))
def transactions(look: Look, facts: Facts) -> Finding:
    """No transaction holds locks or old rows for long."""
    said = _span(facts.longest)
    remedy = _("Find it in pg_stat_activity; end it by pg_terminate_backend if nobody needs it.")
    if facts.longest > TRANSACTION_STUCK:
        return look.failed(said, remedy)
    return look.warning(said, remedy) if facts.longest > TRANSACTION_LONG else look.ok(said)


def _divided(facts: Facts, signs: Sequence[Sign]) -> tuple[list[Sign], list[Sign]]:
    alive = [sign for sign in signs if facts.age(sign.at) <= pulses.STALE]
    return alive, [sign for sign in signs if facts.age(sign.at) > pulses.STALE]


def _told_silent(facts: Facts, silent: Sequence[Sign]) -> str:
    return " ".join(
        _("%(name)s has been silent for %(age)s.")
        % {"name": sign.name, "age": _span(facts.age(sign.at))}
        for sign in silent
    )


def _span(value: timedelta) -> str:
    """Seconds matter here, unlike in `words.age`."""
    if value < timedelta(minutes=2):
        return _("%(count)d s") % {"count": value.total_seconds()}
    return words.span(value)
