"""Notes that staff write on orders; one may be pinned where everybody reads it first."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from orders.models.orders import Order

LONGEST = 4000


class OrderNote(Keyed):
    """What somebody should know about an order. Its key is the id of the command that wrote it."""

    order = models.ForeignKey(
        Order, models.CASCADE, verbose_name=_("order"), related_name="notes", db_index=False
    )
    text = models.TextField(_("note"))
    is_pinned = models.BooleanField(_("pinned"), default=False)
    written_at = models.DateTimeField(_("written"))
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_label = models.CharField(_("who"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(is_pinned=True), name="note_pinned_once"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="note_says_something"),
        ]
        indexes = [models.Index("order", "id", name="note_of_order")]

    def __str__(self) -> str:
        return self.text
