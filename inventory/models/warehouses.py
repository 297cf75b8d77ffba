"""Where stock lies: warehouses with their working time, and the bins in them."""

from datetime import time
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned
from config.kernel.models.channels import CODE


def monday_to_friday() -> list[int]:
    """Return the usual working days, Monday being 0."""
    return [0, 1, 2, 3, 4]


class WarehouseQuerySet(models.QuerySet["Warehouse"]):
    """Warehouses as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep the warehouses a member of staff works in; all when limited to none."""
        limited = Warehouse.staff.through.objects.filter(user=user.pk)
        works_here = models.Exists(limited.filter(warehouse=models.OuterRef("pk")))
        return self.filter(~models.Exists(limited) | works_here)

    def default_of(self, user: Any) -> "Warehouse | None":
        """Return the warehouse a member of staff chose to begin with, if it may be seen."""
        chosen = DefaultWarehouse.objects.filter(user=user.pk).values("warehouse")
        return self.visible_to(user).filter(pk__in=chosen, is_active=True).first()


class Warehouse(Versioned):
    """A building that stock is sent from, with the hours that ship-by dates follow."""

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    address = models.JSONField(_("address"), default=dict, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    cut_off = models.TimeField(
        _("cut-off"),
        default=time(17),
        help_text=_("Orders before this leave the same working day."),
    )
    working_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("working days"),
        default=monday_to_friday,
        help_text=_("Monday is 0."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, help_text=_("Lower numbers are asked first.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    staff: ClassVar = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staff limited to this warehouse"),
        blank=True,
        related_name="+",
    )

    objects = WarehouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")

    def __str__(self) -> str:
        return self.name


class DefaultWarehouse(Keyed):
    """The warehouse that forms choose for a member of staff at first."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, verbose_name=_("default warehouse"), related_name="+"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.warehouse_id)


class Holiday(Keyed):
    """A day on which a warehouse does not work."""

    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, verbose_name=_("warehouse"), related_name="holidays"
    )
    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "date"], name="holiday_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}".strip()


class Bin(Versioned):
    """A place in a warehouse. Stock in a bin that is not sellable is on hand and unavailable."""

    class Kind(models.TextChoices):
        PICK = "pick", _("Pick")
        BULK = "bulk", _("Bulk")
        STAGING = "staging", _("Staging")
        QUARANTINE = "quarantine", _("Quarantine")
        TOTE = "tote", _("Tote")

    RECEIVING, STOCK, STAGED = "RECEIVING", "STOCK", "STAGING"

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, verbose_name=_("warehouse"), related_name="bins"
    )
    code = models.CharField(_("bin"), max_length=32)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PICK)
    sequence = models.PositiveIntegerField(_("pick sequence"), default=0)
    x = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    y = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("bin")
        verbose_name_plural = _("bins")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "code"], name="bin_once_per_warehouse"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_sellable(self) -> bool:
        """Tell whether good stock lying here may be promised to customers."""
        return self.kind != Bin.Kind.QUARANTINE
