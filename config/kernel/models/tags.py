"""Tags: the words staff mark records with, spelt once, each with a colour."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Versioned

LONGEST = 40


class Tag(Versioned):
    """A word that marks records; they keep it as they spell it, and it is found by `name_key`."""

    class Colour(models.TextChoices):
        INDIGO = "indigo", _("Indigo")
        GREEN = "green", _("Green")
        AMBER = "amber", _("Amber")
        RED = "red", _("Red")
        SKY = "sky", _("Sky blue")
        PINK = "pink", _("Pink")
        TEAL = "teal", _("Teal")
        GREY = "grey", _("Grey")

    name = models.CharField(_("tag"), max_length=LONGEST)
    name_key = models.CharField(max_length=3 * LONGEST, unique=True, editable=False)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour)
    is_offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Offered while somebody types a tag.")
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name
