"""Import runs: the rows of a file as read, and how far they have been booked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from config.kernel.models.channels import Channel
from inventory.models import Warehouse
from orders import states


class ImportRun(Keyed):
    """One file imported into one channel; the same file again finds the same run.

    What happened in the file is booked in the order of its moments; `booked_at` and `booked_row`
    (the first row of the last thing booked) say how far that went, so that a run that was killed
    goes on from there.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+"
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("warehouse"), related_name="+", null=True
    )
    file_name = models.CharField(_("file"), max_length=200)
    file_digest = models.CharField(max_length=64)
    mapping_digest = models.CharField(max_length=64)
    stock_mode = models.CharField(_("stock"), max_length=8, choices=states.ImportStock.choices)
    status = models.CharField(
        _("status"),
        max_length=8,
        choices=states.ImportStatus.choices,
        default=states.ImportStatus.READING,
    )
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    booked_at = models.DateTimeField(null=True)
    booked_row = models.PositiveIntegerField(default=0)
    figures = models.JSONField(_("result"), default=dict)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "file_digest", "mapping_digest", "stock_mode"],
                name="import_run_once_per_file",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One row of a file, read and classified; kept until its run is done, refused ones for ever.

    `error` is a code: `rule` for a refusal that the mapping asks for; `data` holds the row's
    values, or the facts of its refusal.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    row_number = models.PositiveIntegerField(_("row"))
    kind = models.CharField(max_length=10, choices=states.ImportKind.choices)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    at = models.DateTimeField(null=True)
    data = models.JSONField(default=dict)
    error = models.CharField(_("refused because"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [
            models.UniqueConstraint(fields=["run", "row_number"], name="import_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row_number}: {self.kind}"
