"""The stock check: finds where books disagree, keeps it in a queue, and repairs it by an entry.

Which side is wrong, check by check:

- counter against ledger, versions: the ledger cannot be edited, so the counter is wrong and follows
  the entries. An entry of the ledger that is gone cannot be repaired.
- on hand against bins: what came and went is in the ledger, so the bins follow; then count them.
- unavailable against bins: where goods lie is in the bins, so counter and ledger follow.
- allocated against allocations: a promise is its row, so counter and ledger follow.
- what other apps register (orders) they repair themselves.

Nothing is ever repaired but by someone who decided to, and each repair is an entry of the ledger.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from config.kernel import commands, ids, sql, states
from config.kernel import errors as kernel_errors
from config.kernel.actors import Actor
from inventory import errors
from inventory.booking import Entry, Posted
from inventory.models import StockDifference, StockMovement
from inventory.queries import differences, disagreements
from inventory.queries.disagreements import LEDGER_CHECKS, Disagreement, Key
from inventory.services import ledger

Check, Status = StockDifference.Check, StockDifference.Status
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('stock check', 0))"


@dataclass(frozen=True, slots=True)
class Repair:
    """A decision to repair: its id is that of the entry in the ledger."""

    command_id: UUID
    reason: str
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A check that another app brings: how it finds disagreements and how it repairs one."""

    find: Callable[[], list[Disagreement]]
    repair: Callable[[StockDifference, Repair], UUID | None]


_parts: dict[str, Part] = {}


def register(check: str, part: Part) -> None:
    """Add another app's check; called once, when Django starts."""
    _parts[check] = part


@commands.command
def run(*, at: datetime) -> list[StockDifference]:
    """Compare all books and return the differences that are open now.

    A new disagreement opens one difference, a known one keeps it with its latest figures, and one
    that vanished closes its difference. Nothing of stock is changed or locked.
    """
    sql.fetch(LOCK)
    found = {one.key: one for one in disagreements.find()}
    for part in _parts.values():
        found |= {one.key: one for one in part.find()}
    known = {
        (one.level_id, one.check_kind, one.demand_id): one
        for one in StockDifference.objects.filter(status=Status.OPEN)
    }
    _open([one for key, one in found.items() if key not in known], at)
    _update(known, found)
    gone = StockDifference.objects.filter(pk__in=[known[key].pk for key in known.keys() - found])
    states.transition_many(gone, origin=Status.OPEN, to=Status.GONE, ended_at=at)
    return list(differences.open_now())


@commands.command
def repair(*, difference_id: UUID, reason: str, actor: Actor, at: datetime) -> StockDifference:
    """Put a difference right by an entry of the ledger and return it, with the entry it led to.

    One that vanished by itself is closed as gone, one that was repaired stays as it is. What the
    entry puts right besides is closed with it. Raises `ReasonMissing`, `RepairLedgerFirst`,
    `NotRepairable`, and `ShortfallError` when the right figure would leave a promise without stock:
    then free the promise first.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    sql.fetch(LOCK)
    difference = StockDifference.objects.filter(pk=difference_id).first()
    if difference is None:
        raise kernel_errors.NotFound
    if difference.status == Status.OPEN:
        _repair(difference, Repair(ids.new(), reason.strip(), actor, at))
    return difference


def _repair(difference: StockDifference, decision: Repair) -> None:
    part = _parts.get(difference.check_kind)
    if part is not None:
        _end([difference], part.repair(difference, decision), decision)
        return
    level_id = cast(UUID, difference.level_id)
    ledger.lock(level_ids=[level_id])
    found = {one.check: one for one in disagreements.on_levels([level_id])}
    movement_id: UUID | None = None
    if difference.check_kind in found:
        movement_id = _put_right(found[difference.check_kind], found.keys(), decision)
    left = {one.check for one in disagreements.on_levels([level_id])}
    ended = StockDifference.objects.filter(level=level_id, status=Status.OPEN)
    healed = ended.exclude(check_kind__in=left | set(_parts)).exclude(pk=difference.pk)
    _end([difference, *healed], movement_id, decision)


def _put_right(one: Disagreement, others: Collection[str], decision: Repair) -> UUID:
    level_id = cast(UUID, one.level_id)
    if one.check not in LEDGER_CHECKS and not LEDGER_CHECKS.isdisjoint(others):
        raise errors.RepairLedgerFirst(level_id=str(level_id))
    match one.check:
        case Check.BINS_ON_HAND:
            return _correct(ledger.refill, level_id, decision)
        case Check.BINS_UNAVAILABLE:
            return _post(level_id, decision, one.expected - one.counted, 0)
        case Check.RESERVATIONS:
            return _post(level_id, decision, 0, one.expected - one.counted)
    movement_id = _correct(ledger.restate, level_id, decision)
    left = {other.check for other in disagreements.on_levels([level_id])}
    if Check.VERSIONS in left:
        raise errors.NotRepairable(level_id=str(level_id))
    return movement_id


def _correct(verb: Callable[..., Posted], level_id: UUID, decision: Repair) -> UUID:
    posted = verb(
        level_id=level_id,
        command_id=decision.command_id,
        reason=decision.reason,
        actor=decision.actor,
        at=decision.at,
    )
    return posted.movement_id


def _post(level_id: UUID, decision: Repair, unavailable: int, reserved: int) -> UUID:
    entry = Entry(
        level_id,
        StockMovement.Kind.REPAIR,
        decision.command_id,
        unavailable=unavailable,
        reserved=reserved,
        reason=decision.reason,
    )
    (posted,) = ledger.post(entries=[entry], actor=decision.actor, at=decision.at)
    return posted.movement_id


def _end(ended: Iterable[StockDifference], movement_id: UUID | None, decision: Repair) -> None:
    """Close differences as repaired by an entry; without one they had vanished by themselves."""
    for difference in ended:
        if movement_id is None:
            states.transition(difference, Status.GONE, ended_at=decision.at)
        else:
            states.transition(
                difference,
                Status.REPAIRED,
                ended_at=decision.at,
                repaired_by=decision.actor.label[:120],
                reason=decision.reason[:200],
                movement_id=movement_id,
            )


def _open(found: Iterable[Disagreement], at: datetime) -> None:
    StockDifference.objects.bulk_create(
        [
            StockDifference(
                level_id=one.level_id,
                check_kind=one.check,
                demand_id=one.demand_id,
                counted=one.counted,
                expected=one.expected,
                found_at=at,
            )
            for one in found
        ],
        batch_size=1000,
    )


def _update(known: Mapping[Key, StockDifference], found: Mapping[Key, Disagreement]) -> None:
    changed = []
    for key in known.keys() & found.keys():
        difference, now = known[key], found[key]
        if (difference.counted, difference.expected) != (now.counted, now.expected):
            difference.counted, difference.expected = now.counted, now.expected
            changed.append(difference)
    StockDifference.objects.bulk_update(changed, ["counted", "expected"], batch_size=1000)
