"""The record of backups: what was made when, and what failed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class Backup(Keyed):
    """A finished try at a backup: the file it made, or why there is none."""

    class Kind(models.TextChoices):
        NIGHTLY = "nightly", _("Nightly")
        BY_HAND = "by_hand", _("By hand")
        BEFORE_RESET = "reset", _("Before a reset")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    path = models.CharField(_("file"), max_length=1000, blank=True, default="")
    size = models.BigIntegerField(_("bytes"), default=0)
    failure = models.TextField(_("what went wrong"), blank=True, default="")

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        indexes = [models.Index("ended_at", name="backup_newest")]

    def __str__(self) -> str:
        return self.path or self.get_kind_display()
