"""This installation: which copy of the data it runs on, and what follows from that."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """The one row of facts about the system itself.

    `cluster` names the PostgreSQL server whose transaction numbers the events carry; `epoch`
    counts how often that has changed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    cluster = models.CharField(max_length=80, blank=True, default="")
    epoch = models.PositiveIntegerField(default=0)
    restored_at = models.DateTimeField(_("restored"), null=True)
    restored_to = models.DateTimeField(_("as it was at"), null=True)
    webhooks_paused_at = models.DateTimeField(_("webhooks paused since"), null=True)
    is_demo = models.BooleanField(_("demo company"), default=False)
    checklist_hidden_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]

    def __str__(self) -> str:
        return "Kapell"
