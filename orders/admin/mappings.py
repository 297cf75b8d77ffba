"""What channels' SKUs mean, in the console: a list, a form with suggestions, what a saving did."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import TabularInline
from unfold.decorators import display

from config.kernel import clock, folding, words
from config.kernel.admin import bases, panels, scope
from config.kernel.admin.buttons import Button, ButtonForm, Press
from inventory.models import Product
from inventory.services import products
from orders import sets
from orders.models import MappedProduct, OrderLine, ProductMapping
from orders.queries import exceptions, suggestions
from orders.services import mappings
from orders.states import HoldKind, OrderStatus

ADD = "admin:orders_productmapping_add"


class MappingForm(bases.VersionedForm):
    """A channel's SKU; two spellings of one are one."""

    class Meta:
        model = ProductMapping
        fields = ("channel", "sku", "checks_price")

    def clean_sku(self) -> str:
        """Keep the SKU as it is compared: composed, without blanks around it."""
        sku = products.tidy(self.cleaned_data["sku"])
        if not sku:
            raise ValidationError(_("Type the SKU as the sales channel sends it."))
        return sku

    def clean(self) -> dict[str, Any]:
        """Refuse a SKU that the channel maps already."""
        cleaned = super().clean()
        others = ProductMapping.objects.filter(
            channel=cleaned.get("channel"), sku_key=folding.sku(cleaned.get("sku", ""))
        ).exclude(pk=self.instance.pk)
        if others.exists():
            self.add_error("sku", _("This sales channel maps this SKU already."))
        return cleaned


class PartsForm(BaseInlineFormSet):
    """What the SKU means: at least one product, none twice, and shares that fit."""

    def clean(self) -> None:
        """Check the products together."""
        super().clean()
        rows = [row for row in self._rows() if row.get("product")]
        if any(self.errors):
            return
        if not rows:
            raise ValidationError(_("Name at least one product."))
        if len({row["product"].pk for row in rows}) < len(rows):
            raise ValidationError(_("A product stands here twice; add up its units."))
        if not sets.shares_fit([row["share"] for row in rows]):
            raise ValidationError(
                _("The shares must add up to 100 %. Leave all of them empty to use list prices.")
            )

    def _rows(self) -> Iterator[dict[str, Any]]:
        for form in self.forms:
            if form.cleaned_data and not form.cleaned_data.get("DELETE"):
                yield form.cleaned_data


class PartInline(TabularInline):
    model = MappedProduct
    formset = PartsForm
    fields = ("product", "quantity", "share")
    autocomplete_fields = ("product",)
    extra = 0
    min_num = 1
    verbose_name_plural = gettext_lazy("means")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MappedProduct]:
        """Keep them in their order."""
        return super().get_queryset(request).select_related("product").order_by("position", "pk")


class RemoveForm(ButtonForm):
    """Nothing to ask."""


def _remove(press: Press) -> HttpResponse:
    mappings.remove(mapping_id=press.record.pk)
    messages.success(press.request, _("The mapping is removed."))
    return HttpResponseRedirect(reverse("admin:orders_productmapping_changelist"))


@admin.register(ProductMapping)
class ProductMappingAdmin(bases.MasterDataAdmin):
    form = MappingForm
    has_overview = True
    inlines = (PartInline,)
    list_display = ("sku", "channel", "means", "waiting", "used")
    list_select_related = ("channel",)
    list_filter = ("channel",)
    search_fields = ("sku_key", "products__product__sku_key")
    search_help_text = gettext_lazy("SKU of the channel or of a product")
    ordering = ("sku_key", "channel__name")
    fieldsets = ((None, {"fields": (("channel", "sku"), "checks_price")}),)
    buttons = (
        Button(
            name="remove",
            label=gettext_lazy("Remove"),
            icon="delete",
            tone="danger",
            permission="orders.delete_productmapping",
            form=RemoveForm,
            run=_remove,
            explain=gettext_lazy(
                "New orders with this SKU will wait for a product again; "
                "orders placed by it keep what they got."
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring along what each means, and for lists who waits for it and when it was used."""
        parts = MappedProduct.objects.select_related("product").order_by("position", "pk")
        rows = super().get_queryset(request).prefetch_related(Prefetch("products", parts))
        return rows.annotate(**_usage()) if self.is_list(request) else rows

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        """Offer the channels the reader may see."""
        if db_field.name == "channel":
            kwargs["queryset"] = db_field.related_model.objects.filter(
                pk__in=scope.channels(request)
            ).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        """Fill in the product that was suggested and chosen, while the form is fresh."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        product = _product(request.GET.get("product", ""))
        if request.method == "GET" and product is not None:
            given["initial"] = [{"product": product, "quantity": _units(request)}]
        return given

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the nearest products, where the SKU is known already."""
        offered = {"panels": list(_offered(request)), **(extra_context or {})}
        return super().add_view(request, form_url, offered)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Keep the SKU's key."""
        obj.sku_key = folding.sku(obj.sku)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Let the orders go on that wait for the SKU, once all of it is saved."""
        super().save_related(request, form, formsets, change)
        mappings.saved(mapping=form.instance)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead to what the saving did."""
        return self.response_post_save_change(request, obj)

    @display(description=gettext_lazy("means"))
    def means(self, mapping: ProductMapping) -> str:
        return format_html_join(
            ", ", "{} × {}", ((part.quantity, part.product.sku) for part in mapping.products.all())
        )

    @display(description=gettext_lazy("orders waiting"))
    def waiting(self, mapping: Any) -> str:
        return words.count(mapping.waiting_now) if mapping.waiting_now else ""

    @display(description=gettext_lazy("last order"))
    def used(self, mapping: Any) -> str:
        return words.age(mapping.last_used, clock.now()) if mapping.last_used else "–"


def _usage() -> dict[str, Any]:
    """Per mapping: the orders that wait for its SKU, and when the last order used it."""
    lines = OrderLine.objects.filter(
        sku_key=OuterRef("sku_key"), order__channel=OuterRef("channel")
    )
    waiting = lines.filter(
        product=None, set_quantity=None, order__status=OrderStatus.OPEN
    ).order_by()
    counted = waiting.values("sku_key").annotate(orders=Count("order", distinct=True))
    return {
        "waiting_now": Subquery(counted.values("orders")),
        "last_used": Subquery(lines.order_by("-order_id").values("order__placed_at")[:1]),
    }


def _product(text: str) -> Product | None:
    with suppress(ValidationError):
        return Product.objects.filter(pk=text).first() if text else None
    return None


def _units(request: HttpRequest) -> int:
    text = request.GET.get("units", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 5 else 1


def add_url(**given: Any) -> str:
    """Return the address of a form to map a SKU, filled with what is known."""
    return f"{reverse(ADD)}?{urlencode(given)}"


def _offered(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The products that an unknown SKU may mean, each filling in the form by one click."""
    sku = request.GET.get("sku", "")[:64]
    if not sku or request.method != "GET":
        return
    description = request.GET.get("description", "")[:300]
    asked = {"channel": request.GET.get("channel", ""), "sku": sku, "description": description}
    near = suggestions.of(sku=sku, description=description)
    known_product = reverse("admin:inventory_product_add")
    yield {
        "template": "orders/mapping_suggestions.html",
        "facts": {
            "sku": sku,
            "description": description,
            "near": [
                {
                    "product": one.product,
                    "units": one.quantity,
                    "url": add_url(**asked, product=one.product.pk, units=one.quantity),
                    "is_chosen": str(one.product.pk) == request.GET.get("product"),
                }
                for one in near
            ],
            "create_url": f"{known_product}?{urlencode({'sku': sku, 'name': description})}"
            if request.user.has_perm("inventory.add_product")
            else "",
        },
    }


def _result(_request: HttpRequest, mapping: ProductMapping) -> dict[str, Any]:
    """What the last saving did for the orders that waited."""
    channel_id, sku_key = mapping.channel_id, mapping.sku_key
    return {
        "mapping": mapping,
        "parts": mapping.products.select_related("product").order_by("position", "pk"),
        "waiting": exceptions.waiting_for(channel_id=channel_id, sku_key=sku_key),
        "told": told(mapping),
        "last_used": exceptions.last_used(channel_id=channel_id, sku_key=sku_key),
        "orders_url": f"{reverse('admin:orders_order_changelist')}?"
        + urlencode({"sku": mapping.sku, "view": "all"}),
    }


def told(mapping: ProductMapping) -> str:
    """Return how many orders went on, and what the others still wait for."""
    held = sum(mapping.waits.values())
    if not mapping.went_on and not held:
        return ""
    text = ngettext("%(count)s order went on", "%(count)s orders went on", mapping.went_on)
    said = text % {"count": words.count(mapping.went_on)}
    if not held:
        return said
    more = ngettext(
        "%(said)s, %(count)s still waits: %(causes)s",
        "%(said)s, %(count)s still wait: %(causes)s",
        held,
    )
    causes = ", ".join(
        f"{HoldKind(kind).label} {words.count(count)}" if held > 1 else str(HoldKind(kind).label)
        for kind, count in sorted(mapping.waits.items(), key=lambda one: -one[1])
    )
    return more % {"said": said, "count": words.count(held), "causes": causes}


panels.register(
    ProductMapping, "result", load=_result, template="orders/mapping_panel.html", position=10
)
