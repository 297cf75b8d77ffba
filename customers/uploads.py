"""Files of customers: one row a customer, recognised by key, reference or e-mail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from config.kernel import sql
from config.kernel.models import Channel
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column, Text
from config.kernel.uploads.layouts import Behalf, Layout, Row, Values
from customers import addresses
from customers.addresses import Checked
from customers.models import Customer
from customers.queries import listed
from customers.services import addresses as address_book
from customers.services import editing, identity, many
from customers.services.identity import EMAIL, REFERENCE
from customers.services.many import Listed

HOME = "GB"


def _text(name: str, length: int, told: Text, example: str = "") -> Column:
    return Column(name=name, kind=columns.text(length), help=told, example=example, blank="")


def _part(name: str, length: int, told: Text, example: str = "") -> Column:
    """A part of an address; what is left empty is not known, and takes no address away."""
    return Column(name=name, kind=columns.text(length), help=told, example=example)


COLUMNS = (
    Column(
        name="customer",
        kind=columns.key(),
        help=_("Our key, as exported. Leave it empty for new customers."),
    ),
    Column(
        name="channel",
        kind=columns.code(32),
        help=_("Code of the sales channel that knows the customer."),
        example="WEB",
        required=True,
    ),
    Column(
        name="reference",
        kind=columns.code(200),
        help=_("The channel's own reference. Without it, the e-mail tells who it is."),
        example="17850",
    ),
    _text("name", 200, _("Name of the person."), "Ann Example"),
    _text("company", 200, _("Name of the company."), "Example & Daughters"),
    _text("email", 254, _("E-mail; in its channel it belongs to one customer."), "ann@example.com"),
    _text("phone", 32, _("Phone; kept as it is dialled from abroad."), "+441632960001"),
    _text("vat_number", 32, _("VAT number; whether it is well formed is checked."), "GB100000034"),
    _text("language", 12, _("Language for messages."), "en"),
    Column(name="tags", kind=columns.words(40), help=_("Tags."), example="trade, vip", blank=[]),
    Column(
        name="payment_terms_days",
        kind=columns.whole(high=32767),
        help=_("Days to pay; without them it is paid at once."),
        example="30",
        blank=None,
    ),
    Column(
        name="credit_limit",
        kind=columns.number(3, high=99_999_999_999),
        help=_("What may be owed; without it there is no limit."),
        example="5000",
        blank=None,
    ),
    Column(
        name="credit_currency",
        kind=columns.currency(),
        help=_("The currency of the credit limit."),
        example="GBP",
        blank="",
    ),
    Column(
        name="invoice_email",
        kind=columns.email(),
        help=_("Where invoices go to."),
        example="accounts@example.com",
        blank="",
    ),
    Column(name="notes", kind=columns.paragraphs(5000), help=_("For staff."), blank=""),
    Column(
        name="is_blocked",
        kind=columns.yes_no(),
        help=_("For readers; customers are blocked on their page."),
        is_info=True,
    ),
    _part("address_name", 200, _("Name in the address. Empty: the person's."), "Ann Example"),
    _part("address_company", 200, _("Company in the address. Empty: the company's.")),
    _part("line1", 200, _("Address. One that is not known yet is added."), "1 High Street"),
    _part("line2", 200, _("Second line of the address.")),
    _part("city", 120, _("City."), "London"),
    _part("region", 120, _("Region, where the country has them.")),
    _part("postal_code", 20, _("Postcode."), "SW1A 1AA"),
    Column(name="country", kind=columns.country(), help=_("Country."), example="GB"),
)
NORMALISED = ("phone", "vat_number")
GIVEN = ("name", "company", "email", "phone", "vat_number", "language")


@dataclass(slots=True)
class _Known:
    """What a row turned out to be about."""

    channel_id: UUID
    address: Checked | None
    references: tuple[tuple[str, str], ...] = ()


def _judge(rows: Sequence[Row], behalf: Behalf) -> None:
    """Find the customers, and refuse rows that identify nobody or two."""
    seen = {one.code: one.pk for one in Channel.objects.visible_to(behalf.user)}
    for row in rows:
        channel_id = seen.get(row.values["channel"].upper())
        if channel_id is None:
            row.refuse("unknown_channel", "channel")
        else:
            row.values["channel"] = row.values["channel"].upper()
            row.record = _Known(channel_id, None)
    placed = [row for row in rows if not row.faults]
    _identify(placed)
    _read_present([row for row in placed if not row.faults], seen, behalf)
    _refuse_twins([row for row in placed if not row.faults])


def _identifiers(row: Row) -> list[tuple[UUID, str, str]]:
    channel_id = row.record.channel_id
    given = (
        (REFERENCE, row.values.get("reference", "")),
        (EMAIL, identity.email_key(row.values.get("email", ""))),
    )
    return [(channel_id, kind, value) for kind, value in given if value]


def _identify(rows: Sequence[Row]) -> None:
    """The key tells first, then the reference, then the e-mail."""
    known = listed.keys(key for row in rows for key in _identifiers(row))
    for row in rows:
        found = {key[1]: known.get(key) for key in _identifiers(row)}
        key = row.values.get("customer")
        by_key = UUID(key) if key else None
        by_reference = found.get(REFERENCE)
        if by_key and by_reference and by_key != by_reference:
            row.refuse("reference_of_another", "reference")
        row.target_id = by_key or by_reference or found.get(EMAIL)
        if row.target_id is None and not found:
            row.refuse("nobody")
        row.record.references = tuple(
            (kind, value) for _channel, kind, value in _identifiers(row) if found[kind] is None
        )


def _read_present(rows: Sequence[Row], seen: dict[str, UUID], behalf: Behalf) -> None:
    wanted = {row.target_id for row in rows if row.target_id}
    if behalf.is_final:
        sql.lock(Customer, wanted)
    found = Customer.objects.filter(pk__in=wanted, channel__in=seen.values()).current()
    present = dict(listed.customers(found))
    digests = listed.digests(wanted)
    for row in rows:
        if row.target_id and row.target_id not in present:
            row.refuse("unknown_customer", "customer")
            continue
        row.present = present.get(row.target_id) if row.target_id else None
        _normalise(row)
        _place_address(row, digests.get(row.target_id, set()) if row.target_id else set())
        if row.present is not None:
            _place_identifiers(row)


def _normalise(row: Row) -> None:
    """Bring what is new into the form it is kept in; what the books have stays as it is."""
    country = row.values.get("country") or (row.present or {}).get("country") or HOME
    for name in NORMALISED:
        value = row.values.get(name)
        if value and value != (row.present or {}).get(name):
            row.values[name] = editing.normalised({name: value}, country)[name]


def _place_address(row: Row, digests: set[str]) -> None:
    """An address that the customer has is no change; one that is left empty neither."""
    present = row.present or {}
    told = {name: row.values[name] for name in listed.ADDRESS if name in row.values}
    if not any(told.get(name) for name in ("line1", "city", "postal_code")):
        row.present = {**present, **told} if row.present is not None else None
        return
    as_told = _checked(told)
    named = _checked(
        {
            **told,
            "address_name": told.get("address_name") or _of(row, "name"),
            "address_company": told.get("address_company") or _of(row, "company"),
        }
    )
    if digests & {address_book.digest(one.address) for one in (as_told, named)}:
        row.present = {**present, **told}
    else:
        row.record.address = named


def _checked(told: Values) -> Checked:
    return addresses.check({column: told.get(name, "") for name, column in listed.ADDRESS.items()})


def _of(row: Row, name: str) -> str:
    return str({**(row.present or {}), **row.values}.get(name) or "")


def _place_identifiers(row: Row) -> None:
    """A further reference is a change; the channel that told it is none."""
    present = {**(row.present or {}), "channel": row.values["channel"]}
    if (
        "reference" in row.values
        and (REFERENCE, row.values["reference"]) not in row.record.references
    ):
        present["reference"] = row.values["reference"]
    present["customer"] = row.values.get("customer", present["customer"])
    row.present = present


def _refuse_twins(rows: Sequence[Row]) -> None:
    """Two rows about one customer contradict each other, however each of them says who it is."""
    taken: dict[Any, int] = {}
    for row in rows:
        keys: list[Any] = [row.target_id] if row.target_id else list(_identifiers(row))
        first = min((taken[key] for key in keys if key in taken), default=row.number)
        if first != row.number:
            row.refuse("twice", first=first)
        for key in keys:
            taken.setdefault(key, row.number)


def _book(rows: Sequence[Row], behalf: Behalf) -> None:
    many.save(listed=[_listed(row) for row in rows], at=behalf.at)


def _listed(row: Row) -> Listed:
    present = row.present or {}
    whole = {**many.KEPT, **present, **row.values}
    told = {name: whole.get(name, "") for name in (*listed.PLAIN, "credit_limit")}
    known: _Known = row.record
    country = whole.get("country") or HOME
    if row.target_id is None:
        given = identity.given(
            country=country,
            reference=row.values.get("reference", ""),
            **{name: told[name] for name in GIVEN},
        )
        return Listed(None, known.channel_id, told, given, (), known.address)
    derived = {name: present[name] for name in listed.DERIVED}
    for name in ("email", "vat_number"):
        if told[name] != present[name]:
            derived |= editing.normalised({name: told[name]}, country)
    columns_told = {**told, **derived}
    return Listed(
        row.target_id, known.channel_id, columns_told, None, known.references, known.address
    )


def _key(values: Values) -> str:
    if values.get("customer"):
        return str(values["customer"])
    told = values.get("reference") or identity.email_key(values.get("email", ""))
    return f"{values['channel'].upper()} {told}" if told else ""


def _export(behalf: Behalf) -> Iterator[Values]:
    seen = Channel.objects.visible_to(behalf.user)
    found = Customer.objects.current().filter(channel__in=seen).order_by("pk")
    return (values for _key, values in listed.customers(found))


CUSTOMERS = Layout(
    code="customers",
    title=_("Customers"),
    icon="group",
    about=_("One row a customer, with terms and an address. Customers are added or changed."),
    rights=("customers.change_customer", "customers.add_customer"),
    view="customers.change_customer",
    columns=COLUMNS,
    key=_key,
    judge=_judge,
    book=_book,
    export=_export,
    named_by=("channel", "reference", "name", "company", "email"),
    examples=(
        {column.name: column.example for column in COLUMNS},
        {"channel": "WEB", "email": "bob@example.com", "name": "Bob Example"},
    ),
    sentences={
        "unknown_channel": _("%(column)s: there is no sales channel “%(value)s”."),
        "unknown_customer": _("%(column)s: there is no such customer; it may have been merged."),
        "reference_of_another": _("%(column)s: “%(value)s” is another customer's."),
        "nobody": _("Give a reference or an e-mail, or nobody knows who this is."),
    },
)
