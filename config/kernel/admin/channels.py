"""Console pages of legal entities, sales channels and the keys channels sign in with."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.kernel import clock, keys, scopes
from config.kernel.admin import bases, buttons, fields, panels
from config.kernel.models import ApiKey, Channel, LegalEntity
from config.kernel.scopes import Scope

ROTATION = timedelta(days=7)

_warehouses: dict[str, Callable[[], Sequence[tuple[str, str]]]] = {}


def offer_warehouses(choices: Callable[[], Sequence[tuple[str, str]]]) -> None:
    """Name the warehouses a key may be limited to, code and name; who owns them says so."""
    _warehouses["choices"] = choices


class LegalEntityForm(bases.VersionedForm, fields.AddressForm):
    """A company with its address as fields."""

    class Meta:
        model = LegalEntity
        fields = ("code", "name", "country", "currency", "vat_numbers", "eori")


@admin.register(LegalEntity)
class LegalEntityAdmin(bases.MasterDataAdmin):
    form = LegalEntityForm
    list_display = ("name", "code", "country", "currency")
    search_fields = ("name", "code")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": (("code", "name"), ("country", "currency", "eori"), "vat_numbers")}),
        (gettext_lazy("Address"), {"fields": fields.ADDRESS_FIELDS}),
    )


class ChannelForm(bases.VersionedForm):
    """A channel with its time zone to choose."""

    time_zone = fields.time_zone(gettext_lazy("Time zone"))
    currencies = fields.words(gettext_lazy("Currencies"), 3, required=True)

    class Meta:
        model = Channel
        exclude = ()


class KeyForm(buttons.ButtonForm):
    """What a new key may do, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Where the key will be used, such as “Web shop, live”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=Scope.choices,
        initial=scopes.USUAL,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A key may do what is ticked here and nothing else."),
    )
    warehouses = forms.MultipleChoiceField(
        label=gettext_lazy("Only these warehouses"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("For reading and booking stock. None ticked: all of them."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: never."),
    )

    def arrange(self) -> None:
        """Offer the warehouses there are."""
        choices = _warehouses["choices"]() if _warehouses else []
        self.fields["warehouses"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["warehouses"]


class NoQuestions(buttons.ButtonForm):
    """Nothing to ask."""


def _create_key(press: buttons.Press) -> HttpResponse:
    expires_on = press.answers["expires_on"]
    record, text = keys.create(
        channel=press.record,
        name=press.answers["name"],
        scopes=press.answers["scopes"],
        warehouses=press.answers.get("warehouses", ()),
        expires_at=expires_on
        and datetime.combine(expires_on, datetime.max.time(), clock.now().tzinfo),
    )
    return _show_once(press.request, record, text)


def _rotate_key(press: buttons.Press) -> HttpResponse:
    now = clock.now()
    record, text = keys.rotate(key=press.record, at=now, until=now + ROTATION)
    return _show_once(press.request, record, text)


def _revoke_key(press: buttons.Press) -> str:
    keys.revoke(key=press.record, at=clock.now())
    return _("The key is revoked. Within half a minute nothing accepts it any more.")


def _show_once(request: HttpRequest, record: ApiKey, text: str) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "opts": ApiKey._meta,  # noqa: SLF001 - Django's documented API
        "title": _("The new key"),
        "record": record,
        "key": text,
    }
    return TemplateResponse(
        request, "console/key.html", context, headers={"Cache-Control": "no-store"}
    )


def _is_live(key: ApiKey) -> bool:
    return key.revoked_at is None


@admin.register(Channel)
class ChannelAdmin(bases.MasterDataAdmin):
    form = ChannelForm
    list_display = ("name", "code", "kind", "shortage_policy", "payment_required", "is_active")
    list_filter = ("is_active", "kind")
    search_fields = ("name", "code")
    ordering = ("name",)
    fieldsets = (
        (None, {"fields": (("code", "name"), ("entity", "kind"), ("currencies", "time_zone"))}),
        (
            gettext_lazy("How orders are placed"),
            {
                "fields": (
                    ("shortage_policy", "unknown_sku_policy"),
                    ("price_tolerance_percent", "payment_required", "duplicate_check"),
                    ("allocate_days_before", "default_tax_rate", "prices_include_tax"),
                )
            },
        ),
        (
            gettext_lazy("More"),
            {
                "fields": (
                    ("messages_enabled", "is_active", "is_test"),
                    "requests_per_minute",
                    "settings",
                )
            },
        ),
    )
    buttons = (
        buttons.Button(
            name="create-key",
            label=gettext_lazy("Create API key"),
            icon="key",
            permission="kernel.add_apikey",
            sensitive=True,
            form=KeyForm,
            run=_create_key,
            explain=gettext_lazy(
                "The key is shown once. Whoever holds it may do here what you tick."
            ),
        ),
    )

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(bases.FactsAdmin):
    keeps_history = True
    list_display = (
        "name",
        "channel",
        "shown_prefix",
        "state",
        "created_at",
        "expires_at",
        "last_used_at",
    )
    list_select_related = ("channel",)
    list_filter = ("channel",)
    ordering = ("-created_at",)
    fields = (
        "channel", "name", "shown_prefix", "scopes", "warehouses", "state",
        "created_at", "expires_at", "revoked_at", "last_used_at",
    )  # fmt: skip
    readonly_fields = fields
    buttons = (
        buttons.Button(
            name="rotate",
            label=gettext_lazy("Rotate"),
            icon="autorenew",
            permission="kernel.change_apikey",
            sensitive=True,
            form=NoQuestions,
            run=_rotate_key,
            applies=_is_live,
            explain=gettext_lazy(
                "A new key with the same rights is shown once; the old one works for 7 more days."
            ),
        ),
        buttons.Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            icon="block",
            tone="danger",
            permission="kernel.change_apikey",
            sensitive=True,
            form=NoQuestions,
            run=_revoke_key,
            applies=_is_live,
            explain=gettext_lazy("Whatever signs in with this key stops working at once."),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keep the keys of the channels the reader may see."""
        return (
            super()
            .get_queryset(request)
            .filter(channel__in=Channel.objects.visible_to(request.user))
        )

    @display(description=gettext_lazy("key"))
    def shown_prefix(self, key: ApiKey) -> str:
        return f"kapell_{key.prefix}_…"

    @display(
        description=gettext_lazy("state"),
        label={
            gettext_lazy("Live"): "success",
            gettext_lazy("Revoked"): "danger",
            gettext_lazy("Expired"): "warning",
        },
    )
    def state(self, key: ApiKey) -> Any:
        if key.revoked_at:
            return gettext_lazy("Revoked")
        if key.expires_at and key.expires_at <= clock.now():
            return gettext_lazy("Expired")
        return gettext_lazy("Live")


def _keys_of(request: HttpRequest, channel: Channel) -> dict[str, Any] | None:
    if not request.user.has_perm("kernel.view_apikey"):
        return None
    return {"keys": list(ApiKey.objects.filter(channel=channel).order_by("-created_at")[:20])}


panels.register(Channel, "keys", load=_keys_of, template="console/panels/keys.html")
