"""Saved views: a list's search, filters and order under a name, of one's own or for everybody."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Versioned


class SavedView(Versioned):
    """What a list was narrowed down to, as the parameters of its address."""

    page = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("whose"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(default=dict)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        permissions = [("share_savedview", _("Can share views with everybody"))]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="saved_view_name_once_per_person"
            ),
        ]
        indexes = [
            models.Index("page", name="saved_view_shared", condition=models.Q(is_shared=True))
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The view a person's list opens with: a saved view's id, or the name of a fixed one."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    page = models.CharField(max_length=40)
    view = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("first view")
        verbose_name_plural = _("first views")
        constraints = [
            models.UniqueConstraint(fields=["user", "page"], name="default_view_once"),
        ]

    def __str__(self) -> str:
        return self.view
