"""Customers and how each channel refers to them."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned
from config.kernel.models.channels import Channel

# The words of who they are: people are asked for one of them on the phone.
WORDS = SearchVector("company", "name", config="simple")


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers as someone may see them."""

    def current(self) -> Self:
        """Leave out those that were merged into another."""
        return self.filter(merged_into__isnull=True)

    def with_words(self) -> Self:
        """Let conditions speak of `words`, as their index keeps them."""
        return self.alias(words=WORDS)

    def visible_to(self, user: Any) -> Self:
        """Keep the customers of the channels a member of staff may see."""
        return self.filter(channel__in=Channel.objects.visible_to(user))


class Customer(Versioned):
    """A person or company that orders. `channel` is the one that brought them first."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, blank=True, editable=False)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=32, blank=True)
    vat_number_valid = models.BooleanField(_("VAT number valid"), null=True, editable=False)
    language = models.CharField(_("language"), max_length=12, blank=True)
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True
    )
    payment_terms_days = models.PositiveSmallIntegerField(
        _("payment terms in days"), null=True, blank=True
    )
    credit_limit = models.DecimalField(
        _("credit limit"),
        max_digits=14,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("In the customer's credit currency. Empty: no limit."),
    )
    credit_currency = models.CharField(_("credit currency"), max_length=3, blank=True)
    invoice_email = models.EmailField(_("invoice e-mail"), blank=True)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    blocked_reason = models.CharField(_("reason"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [
            ("merge_customer", _("Can merge customers")),
            ("block_customer", _("Can block and unblock customers")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_blocked=False) | ~Q(blocked_reason=""),
                name="customer_blocked_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="customer_not_merged_into_itself"
            ),
        ]
        indexes = [
            models.Index("email_key", name="customer_email"),
            models.Index("phone", name="customer_phone"),
            models.Index(
                OpClass(Upper("company"), "text_pattern_ops"),
                name="customer_company",
                condition=~Q(company=""),
            ),
            models.Index(
                OpClass(Upper("name"), "text_pattern_ops"),
                name="customer_name",
                condition=~Q(name=""),
            ),
            GinIndex(WORDS, name="customer_words"),
            GinIndex(fields=["tags"], name="customer_tags", condition=~Q(tags=[])),
        ]

    def __str__(self) -> str:
        return self.company or self.name or self.email or str(_("Customer"))


class CustomerReference(Keyed):
    """How one channel recognises a customer: by its own reference, or by e-mail."""

    class Kind(models.TextChoices):
        REFERENCE = "reference", _("Reference")
        EMAIL = "email", _("E-mail")

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    value = models.CharField(_("reference"), max_length=254)
    customer = models.ForeignKey(
        Customer, models.PROTECT, verbose_name=_("customer"), related_name="references"
    )

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "value"], name="customer_reference_once_per_channel"
            ),
        ]

    def __str__(self) -> str:
        return self.value
