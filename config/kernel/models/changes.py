"""The history of master data: one row per change, written by triggers, never changed itself."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """What happened to one record of master data, whoever wrote it and by whatever way.

    `changes` holds the values before and after by column; a creation holds none, because each later
    change says what was there before it, and a deletion holds all. `subject` is the record on whose
    page it is told: a barcode's changes are the product's. Written by the triggers that the SQL
    function `kernel_audit` puts on a table (see `config.kernel.audit`).
    """

    class Action(models.TextChoices):
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        DELETED = "deleted", _("Deleted")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    model = models.TextField(_("what"))
    object_id = models.TextField()
    subject = models.TextField()
    subject_id = models.TextField()
    label = models.TextField(_("record"))
    action = models.CharField(_("action"), max_length=8, choices=Action)
    changes = models.JSONField(_("before and after"))
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_label = models.TextField(_("who"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index("subject_id", "id", name="change_of_subject"),
            models.Index("actor_id", "id", name="change_by_actor"),
            models.Index(OpClass(Upper("label"), "text_pattern_ops"), name="change_by_label"),
            BrinIndex("at", name="change_at"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="change_is_immutable"),
            pgtrigger.Protect(name="change_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.action}"
