"""Uploads: a file that staff handed in, what it would change, and what of it was booked."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from config.kernel.models.jobs import Job


class UploadStatus(models.TextChoices):
    CHECKING = "checking", _("Being checked")
    READY = "ready", _("Waits for a decision")
    BOOKING = "booking", _("Being booked")
    DONE = "done", _("Booked")
    REFUSED = "refused", _("Cannot be read")
    DISCARDED = "discarded", _("Nothing booked")


UPLOAD_MOVES: dict[str, frozenset[str]] = {
    UploadStatus.CHECKING: frozenset(
        {UploadStatus.READY, UploadStatus.REFUSED, UploadStatus.DISCARDED}
    ),
    UploadStatus.READY: frozenset({UploadStatus.BOOKING, UploadStatus.DISCARDED}),
    UploadStatus.BOOKING: frozenset({UploadStatus.DONE, UploadStatus.READY}),
    UploadStatus.DONE: frozenset(),
    UploadStatus.REFUSED: frozenset(),
    UploadStatus.DISCARDED: frozenset(),
}


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep one's own; who oversees jobs sees everybody's."""
        if user.has_perm("kernel.oversee_job"):
            return self
        return self.filter(uploaded_by=user.pk)


class Upload(Keyed):
    """One file of one layout: checked first, then booked if somebody says so.

    `figures` counts rows: `rows`, and of them `new`, `changed`, `unchanged` and `bad` as the check
    found them; `booked_new` and `booked_changed` as they were booked. `ignored` names columns of
    the file that were not read. `reason` says by code why the file could not be read, or why
    nothing was booked after all.
    """

    layout = models.CharField(_("what"), max_length=40)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("who"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("when"))
    status = models.CharField(
        _("state"),
        max_length=10,
        choices=UploadStatus.choices,
        default=UploadStatus.CHECKING,
    )
    check_job = models.ForeignKey(Job, models.PROTECT, related_name="+", null=True)
    book_job = models.ForeignKey(Job, models.PROTECT, related_name="+", null=True)
    skip_bad_rows = models.BooleanField(_("bad rows are left out"), default=False)
    columns = models.JSONField(default=list)
    ignored = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    reason = models.CharField(max_length=40, blank=True, default="")
    reason_params = models.JSONField(default=dict)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index(fields=["uploaded_by", "-uploaded_at"], name="upload_of_person")]

    def __str__(self) -> str:
        return self.file_name


class UploadRow(models.Model):
    """One row of a file between the file and the books; gone once booked, bad ones stay a month.

    `before` holds what the books have where the row says something else.
    """

    class Outcome(models.TextChoices):
        READ = "read", _("Read")
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        BAD = "bad", _("Wrong")

    id = models.BigAutoField(primary_key=True)
    upload = models.ForeignKey(Upload, models.CASCADE, related_name="rows", db_index=False)
    row_number = models.PositiveIntegerField(_("row"))
    key = models.CharField(max_length=400)
    group = models.CharField(max_length=400)
    values = models.JSONField(default=dict)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.READ)
    target_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict)
    faults = models.JSONField(default=list)

    class Meta:
        verbose_name = _("row of an upload")
        verbose_name_plural = _("rows of uploads")
        constraints = [
            models.UniqueConstraint(fields=["upload", "row_number"], name="upload_row_once"),
        ]

    def __str__(self) -> str:
        return str(self.row_number)
