"""Jobs: long work that staff started, its rows with a result each, and the files it made."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


JOB_MOVES: dict[str, frozenset[str]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.DONE: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}


class Job(Keyed):
    """One long piece of work: what, with which parameters, for whom, and how far it is.

    It runs for `started_by` with the rights that person has at the time. `due_at` is when a worker
    may take it up: at once, or when the lease of the worker that holds `token` is over. `position`
    is where work that has no rows goes on; `stumbles` counts how often the database was away or
    busy. `code` and `code_params` say how it ended.
    """

    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(default=dict)
    command_id = models.UUIDField(unique=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("started by"), related_name="+"
    )
    created_at = models.DateTimeField(_("started"))
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    status = models.CharField(
        _("state"), max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED
    )
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    position = models.JSONField(default=dict)
    code = models.CharField(max_length=60, blank=True, default="")
    code_params = models.JSONField(default=dict)
    cancel_requested_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_default=Now())
    token = models.UUIDField(null=True)
    stumbles = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        permissions = [("oversee_job", _("Can see and cancel everybody's jobs"))]
        indexes = [
            models.Index(
                "due_at",
                "id",
                name="job_due",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            models.Index("started_by", "id", name="job_of_person"),
        ]

    def __str__(self) -> str:
        return self.kind


class JobRow(models.Model):
    """One thing a job is about; its result is written in the transaction of its effect."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        UNCHANGED = "unchanged", _("Nothing to do")
        FAILED = "failed", _("Failed")

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, related_name="rows", db_index=False)
    subject_id = models.UUIDField()
    label = models.CharField(max_length=120, blank=True, default="")
    attempt = models.PositiveSmallIntegerField(db_default=0)
    outcome = models.CharField(
        _("result"), max_length=10, choices=Outcome.choices, db_default=Outcome.WAITING
    )
    code = models.CharField(max_length=60, blank=True, db_default="")
    params = models.JSONField(db_default=models.Value({}, models.JSONField()))

    class Meta:
        verbose_name = _("row of a job")
        verbose_name_plural = _("rows of jobs")
        constraints = [
            models.UniqueConstraint(fields=["job", "subject_id"], name="job_row_once"),
        ]
        indexes = [
            models.Index(
                "job",
                "attempt",
                "id",
                name="job_row_waiting",
                condition=models.Q(outcome="waiting"),
            ),
            models.Index("job", "id", name="job_row_report"),
        ]

    def __str__(self) -> str:
        return self.label


class JobFile(Keyed):
    """A file a job was given or made, in the private area; served only through the job's page."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="files", db_index=False)
    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size"))
    is_result = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="job_file_once")]

    def __str__(self) -> str:
        return self.name
