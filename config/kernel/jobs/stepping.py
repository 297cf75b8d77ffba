"""Runs work that is not made of rows: a generator that commits its position with its effects."""

from collections.abc import Iterator

from config.kernel.jobs import rights
from config.kernel.jobs.kinds import StepKind
from config.kernel.jobs.working import Work
from config.kernel.models import Job


def steps(job: Job, kind: StepKind) -> Iterator[bool]:
    """Run the work; yield wherever it yields whether the job is to be cancelled.

    Raises `Stopped` when the starter's rights are gone, `Lost` when another worker has the job.
    """
    work = Work(job, rights.starter(job, kind.permission))
    running = kind.run(work)
    try:
        for _ in running:
            rights.starter(job, kind.permission)
            job.position = dict(work.position)
            yield work.is_cancelled()
    finally:
        close = getattr(running, "close", None)
        if close is not None:
            close()
