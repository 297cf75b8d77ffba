"""Customers in the console: who they are, where they live, blocked or merged by buttons."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import clock, tags
from config.kernel.admin import bases, fields, panels, scope
from config.kernel.admin.buttons import Button, ButtonForm, Press
from customers import addresses
from customers.models import Customer
from customers.queries import search
from customers.services import blocking, editing, merging

HOME = "GB"


class CustomerForm(bases.VersionedForm):
    """What staff may change of a customer; a block has its buttons."""

    tags = fields.words(gettext_lazy("Tags"), 40)

    class Meta:
        model = Customer
        fields = (
            "name", "company", "email", "phone", "vat_number", "language", "tags",
            "payment_terms_days", "credit_limit", "credit_currency", "invoice_email", "notes",
        )  # fmt: skip


class MergeForm(ButtonForm):
    """Asks for the customer that this one is the same as."""

    other = forms.CharField(
        label=gettext_lazy("Is the same as"),
        help_text=gettext_lazy("E-mail, reference, phone or name of the other customer."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def clean_other(self) -> Customer:
        """Find the one other customer that is meant."""
        seen = Customer.objects.visible_to(self.request.user).current()
        others = seen.exclude(pk=self.record.pk)
        found = search.find(term=self.cleaned_data["other"], customers=others, most=5)
        if not found:
            raise forms.ValidationError(_("There is no such customer."))
        if len(found) > 1:
            names = ", ".join(f"{one} ({one.email or one.phone or '–'})" for one in found)
            told = _("Several could be meant: %(names)s. Give an e-mail or a reference.")
            raise forms.ValidationError(told % {"names": names})
        return found[0]


class NoQuestions(ButtonForm):
    """Nothing to ask."""


def _merge(press: Press) -> HttpResponse:
    survivor = press.answers["other"]
    merging.merge(
        survivor=survivor,
        duplicate=press.record,
        actor=press.actor,
        reason=press.answers["reason"],
        at=clock.now(),
    )
    return HttpResponseRedirect(reverse("admin:customers_customer_change", args=[survivor.pk]))


def _block(press: Press) -> str:
    reason = press.answers["reason"]
    blocking.block(customer=press.record, reason=reason, actor=press.actor, at=clock.now())
    return _("The customer is blocked; open orders are put on hold.")


def _unblock(press: Press) -> str:
    blocking.unblock(customer=press.record, actor=press.actor, at=clock.now())
    return _("The customer may order again.")


class TagFilter(admin.SimpleListFilter):
    """Keeps the customers with a tag."""

    title = gettext_lazy("tag")
    parameter_name = "tag"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Any:
        return [(name, name) for name in tags.palette().offered]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return queryset.filter(tags__contains=[wanted]).exclude(tags=[]) if wanted else queryset


@admin.register(Customer)
class CustomerAdmin(bases.MasterDataAdmin):
    form = CustomerForm
    has_overview = True
    layout_codes = ("customers",)
    list_display = ("shown_name", "email", "phone", "channel", "shown_state")
    list_select_related = ("channel",)
    list_filter = ("channel", TagFilter, "is_blocked")
    search_fields = ("email_key",)
    search_help_text = gettext_lazy("Name, company, e-mail, phone or reference")
    ordering = ("-pk",)
    readonly_fields = ("channel",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "company"), ("email", "phone"), ("vat_number", "language"), "tags"
                )
            },
        ),
        (
            gettext_lazy("Paying"),
            {
                "fields": (
                    ("payment_terms_days", "invoice_email"), ("credit_limit", "credit_currency")
                )
            },
        ),
        (gettext_lazy("Notes"), {"fields": ("notes", "channel")}),
    )  # fmt: skip
    buttons = (
        Button(
            name="block",
            label=gettext_lazy("Block"),
            icon="block",
            tone="danger",
            permission="customers.block_customer",
            run=_block,
            applies=lambda customer: not customer.is_blocked and not customer.merged_into_id,
            explain=gettext_lazy("Open and new orders of this customer wait on hold."),
        ),
        Button(
            name="unblock",
            label=gettext_lazy("Unblock"),
            icon="check_circle",
            permission="customers.block_customer",
            form=NoQuestions,
            run=_unblock,
            applies=lambda customer: customer.is_blocked and not customer.merged_into_id,
            explain=gettext_lazy("Orders that waited for this go on."),
        ),
        Button(
            name="merge",
            label=gettext_lazy("Merge"),
            icon="merge",
            permission="customers.merge_customer",
            form=MergeForm,
            run=_merge,
            applies=lambda customer: not customer.merged_into_id,
            explain=gettext_lazy(
                "Orders, addresses and references of this customer become the other's. "
                "Nothing is lost, and it cannot be undone."
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave those merged away out of lists; their own pages lead to the survivor."""
        rows = super().get_queryset(request)
        return rows.filter(merged_into__isnull=True) if self.is_list(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by whatever people have in hand."""
        if not search_term:
            return queryset, False
        seen = Customer.objects.filter(scope.of(request).on("channel_id")).current()
        found = [one.pk for one in search.find(term=search_term, customers=seen, most=200)]
        return queryset.filter(pk__in=found), False

    def save_model(self, _request: HttpRequest, obj: Any, form: Any, _change: Any) -> None:
        """Store through the one service that keeps the normal forms."""
        stored = editing.change(
            customer=obj,
            version=obj.version,
            values={name: form.cleaned_data[name] for name in form.changed_data},
            country=HOME,
            at=clock.now(),
        )
        obj.version = stored.version

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    @display(description=gettext_lazy("customer"))
    def shown_name(self, customer: Customer) -> str:
        second = customer.name if customer.company and customer.name else ""
        return format_html("{}<small class='k-under'>{}</small>", customer, second)

    @display(description=gettext_lazy("state"), label={"blocked": "danger", "fine": "success"})
    def shown_state(self, customer: Customer) -> tuple[str, str]:
        return ("blocked", _("Blocked")) if customer.is_blocked else ("fine", _("Active"))


def _about(_request: HttpRequest, customer: Customer) -> dict[str, Any]:
    book = customer.addresses.order_by("-first_used_at")[:20]
    return {
        "customer": customer,
        "survivor": customer.merged_into,
        "chips": tags.palette(used=customer.tags).chips(customer.tags),
        "references": list(customer.references.select_related("channel")),
        "addresses": [
            {"lines": addresses.lines({name: getattr(one, name) for name in addresses.FIELDS}),
             "entry": one}
            for one in book
        ],
    }  # fmt: skip


panels.register(Customer, "about", load=_about, template="customers/about_panel.html", position=10)
