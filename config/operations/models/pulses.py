"""Signs of life: who wrote one last, and when by the database's clock."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class Pulse(Keyed):
    """A program's last sign of life; whoever stops in good order takes its row away.

    `skew` is how many seconds its own clock is ahead of the database's. `complaint` says what went
    wrong at the last look, if anything.
    """

    class Kind(models.TextChoices):
        WORKER = "worker", _("Worker")
        BEAT = "beat", _("Clock")
        QUEUE = "queue", _("Queue")
        MAIL = "mail", _("Mail")

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())
    skew = models.FloatField(default=0.0)
    complaint = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="pulse_once_per_program")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
