"""What most tables share: a key made before the first write, a version that guards forms."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel import ids


class Keyed(models.Model):
    """A row whose time-ordered UUID key is made in Python."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)

    class Meta:
        abstract = True


class Versioned(Keyed):
    """Master data that staff edit: saving an outdated form is refused by comparing `version`."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True
