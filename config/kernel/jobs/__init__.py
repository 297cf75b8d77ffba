"""Long work that staff start: remembered by PostgreSQL, resumed after any death, done once.

An app names its kinds in its `jobs.py` with `each`, `batches` or `steps`; a door calls `start`;
`work` runs what is due.
"""

from config.kernel.jobs.errors import Lost, NotAllowed, NothingChosen, TooMany
from config.kernel.jobs.kinds import (
    DONE,
    Batch,
    Outcome,
    Turn,
    batches,
    each,
    refused,
    steps,
    unchanged,
)
from config.kernel.jobs.running import work
from config.kernel.jobs.starting import cancel, hurry, start
from config.kernel.jobs.telling import address
from config.kernel.jobs.working import Work

__all__ = [
    "DONE",
    "Batch",
    "Lost",
    "NotAllowed",
    "NothingChosen",
    "Outcome",
    "TooMany",
    "Turn",
    "Work",
    "address",
    "batches",
    "cancel",
    "each",
    "hurry",
    "refused",
    "start",
    "steps",
    "unchanged",
    "work",
]
