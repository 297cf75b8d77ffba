"""How a job is told on screens, in the reader's language."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from config.kernel import errors
from config.kernel.jobs import kinds, rights, running
from config.kernel.models import Job, JobStatus

SENTENCES = {
    rights.DEACTIVATED: _("Stopped: whoever started it was deactivated."),
    rights.NOT_ALLOWED: _("Stopped: whoever started it may not do this any more."),
    "unknown_kind": _("Stopped: this version does not know this kind of work."),
    running.BROKEN: _("Something unexpected went wrong; it has been logged."),
    errors.NotFound.code: _("Not there, or not to be seen by whoever started this."),
    errors.Busy.code: _("Others held what was needed, several times; try again."),
}


def address(job: Job) -> str:
    """Return the address of a job's page."""
    return reverse("admin:kernel_job_change", args=[job.pk])


def label(job: Job) -> str:
    """Return what a job does."""
    kind = kinds.find(job.kind)
    return str(kind.label) if kind else job.kind


def asked(job: Job) -> str:
    """Return what was asked for beyond the kind: a reason, a tag, a file."""
    kind = kinds.find(job.kind)
    return kind.describe(job.params) if kind else ""


def page_of(job: Job, subject_id: UUID) -> str:
    """Return the address of the record a row is about, if it has one."""
    kind = kinds.find(job.kind)
    return reverse(kind.page, args=[subject_id]) if kind and kind.page else ""


def sentence(job: Job, code: str, params: Mapping[str, Any]) -> str:
    """Return what a code of this job or of one of its rows means."""
    if not code:
        return ""
    kind = kinds.find(job.kind)
    told = kind.tell(code, params) if kind else ""
    return told or gettext(SENTENCES.get(code) or _titles().get(code, code))


def result(job: Job) -> str:
    """Return what became of a job, or how far it is."""
    if job.code:
        return sentence(job, job.code, job.code_params)
    if job.status == JobStatus.QUEUED:
        return gettext("It begins in a moment.")
    counts = {"done": job.done, "failed": job.failed}
    if job.status == JobStatus.RUNNING and job.total is not None:
        return gettext("%(failed)d failed so far.") % counts if job.failed else ""
    if job.failed:
        return gettext("%(done)d done, %(failed)d failed.") % counts
    return ngettext("%(done)d done.", "%(done)d done.", job.done) % counts


def _titles() -> dict[str, str]:
    return {kind.code: kind.title for kind in errors.kinds()}
