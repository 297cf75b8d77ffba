"""The kinds of jobs: what each does, which right it needs and which records its starter may touch.

Registered by decorators in an app's `jobs.py`, which `apps.ready()` loads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from config.kernel.actors import Actor
from config.kernel.jobs.working import Work
from config.kernel.models import JobRow, User

Params = Mapping[str, Any]
Subjects = Callable[[User], models.QuerySet[Any]]
Text = Any  # a str, or one that is translated when shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: a word, and a code with facts for its sentence."""

    outcome: str
    code: str = ""
    params: Params = field(default_factory=dict)


DONE = Outcome(JobRow.Outcome.DONE)


def unchanged(code: str, **params: Any) -> Outcome:
    """Return the outcome of a row for which there was nothing to do, and why."""
    return Outcome(JobRow.Outcome.UNCHANGED, code, params)


def refused(code: str, **params: Any) -> Outcome:
    """Return the outcome of a row that could not be done, where others of its batch were."""
    return Outcome(JobRow.Outcome.FAILED, code, params)


@dataclass(frozen=True, slots=True)
class Turn:
    """One row's turn: what it is about, what was asked for, by whom and when."""

    subject_id: UUID
    params: Params
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """The turn of several rows at once, for services that take many."""

    subject_ids: Sequence[UUID]
    params: Params
    actor: Actor
    at: datetime


Each = Callable[[Turn], Outcome]
Many = Callable[[Batch], Mapping[UUID, Outcome]]
Steps = Callable[[Work], Iterator[None]]


def _by_nothing(_params: Params) -> str:
    return ""


def _untold(_code: str, _params: Params) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind of job is called, needs and shows.

    `describe` says in a sentence what was asked for; `tell` what a code of a result means, empty
    for codes it does not know; `page` names the address of a row's record.
    """

    name: str
    label: Text
    permission: str
    describe: Callable[[Params], str] = _by_nothing
    tell: Callable[[str, Params], str] = _untold
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind(Kind):
    """Work on many records: at most `size` at once in one transaction with their results."""

    subjects: Subjects
    size: int
    handle: Many


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind(Kind):
    """Work of another shape, which says itself how far it is."""

    run: Steps


_kinds: dict[str, Kind] = {}


def each(name: str, *, subjects: Subjects, **shown: Any) -> Callable[[Each], Each]:
    """Register work that is done record by record; `shown` are the fields of `Kind`."""

    def register(handle: Each) -> Each:
        def one(batch: Batch) -> Mapping[UUID, Outcome]:
            (subject_id,) = batch.subject_ids
            return {subject_id: handle(Turn(subject_id, batch.params, batch.actor, batch.at))}

        _kinds[name] = RowKind(name=name, subjects=subjects, size=1, handle=one, **shown)
        return handle

    return register


def batches(
    name: str, *, subjects: Subjects, size: int = 100, **shown: Any
) -> Callable[[Many], Many]:
    """Register work whose service takes many records at once.

    A refusal of several is found out about by trying them one by one.
    """

    def register(handle: Many) -> Many:
        _kinds[name] = RowKind(name=name, subjects=subjects, size=size, handle=handle, **shown)
        return handle

    return register


def steps(name: str, **shown: Any) -> Callable[[Steps], Steps]:
    """Register a generator that does the work, yields between its batches and tells `Work`."""

    def register(run: Steps) -> Steps:
        _kinds[name] = StepKind(name=name, run=run, **shown)
        return run

    return register


def find(name: str) -> Kind | None:
    """Return the kind of that name; one that an upgrade removed is gone."""
    return _kinds.get(name)
