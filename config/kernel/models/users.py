"""Staff: who may sign in, and which sales channels they see."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from config.kernel import ids


class User(AbstractUser):
    """A member of staff. No channels chosen means all channels."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    channels: ClassVar = models.ManyToManyField(
        "kernel.Channel",
        verbose_name=_("limited to sales channels"),
        blank=True,
        related_name="+",
        help_text=_("Nothing chosen: all sales channels."),
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Upper("email"), condition=~models.Q(email=""), name="user_email_once"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
