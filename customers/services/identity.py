"""Who orders: finds the customer a channel speaks of, or makes one.

A channel's own reference identifies first, then an e-mail, which identifies only within its
channel. Neither: a guest. `resolve` is pure, so that placing an order can look up and write in
statements of its own; `identify` and `identify_many` stand on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models

from config.kernel import commands, folding, ids, sql
from config.kernel.models import Channel
from customers import phones, vat
from customers.models import Customer, CustomerReference

REFERENCE, EMAIL = CustomerReference.Kind.REFERENCE.value, CustomerReference.Kind.EMAIL.value
ONCE = "customer_reference_once_per_channel"
WIDTH = 32  # of the columns for phone and VAT number

Rows = list[tuple[type[models.Model], list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Given:
    """What a channel sent about a customer, normalised; empty means not sent. Made by `given`."""

    reference: str = ""
    name: str = ""
    company: str = ""
    email: str = ""
    email_key: str = ""
    phone: str = ""
    vat_number: str = ""
    vat_number_valid: bool | None = None
    language: str = ""

    def identifiers(self) -> list[tuple[str, str]]:
        """Return what identifies, best first, as (kind, value) of a `CustomerReference`."""
        both = ((REFERENCE, self.reference), (EMAIL, self.email_key))
        return [(kind, value) for kind, value in both if value]


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as stored: the columns named in `KNOWN_COLUMNS`, in their order."""

    id: UUID
    name: str
    company: str
    email: str
    email_key: str
    phone: str
    vat_number: str
    language: str
    is_blocked: bool
    blocked_reason: str
    payment_terms_days: int | None
    credit_limit: Decimal | None
    credit_currency: str


KNOWN_COLUMNS = tuple(column.name for column in fields(Known))

LOOK_UP = f"""
SELECT r.kind, r.value, {", ".join("c." + name for name in KNOWN_COLUMNS)}
FROM customers_customerreference r JOIN customers_customer c ON c.id = r.customer_id
WHERE r.channel_id = %s AND (r.kind, r.value) IN (
  SELECT k ->> 0, k ->> 1 FROM json_array_elements(%s::json) k)
"""  # noqa: S608 - the names are this module's own

RECOGNISE = """
INSERT INTO customers_customerreference (id, channel_id, kind, value, customer_id)
SELECT id, channel_id, kind, value, customer_id
FROM json_populate_recordset(NULL::customers_customerreference, %s)
ON CONFLICT (channel_id, kind, value) DO NOTHING
"""

CHANGE = """
UPDATE customers_customer c SET
  name = COALESCE(u.name, c.name), company = COALESCE(u.company, c.company),
  email = COALESCE(u.email, c.email), email_key = COALESCE(u.email_key, c.email_key),
  phone = COALESCE(u.phone, c.phone), vat_number = COALESCE(u.vat_number, c.vat_number),
  vat_number_valid = COALESCE(u.vat_number_valid, c.vat_number_valid),
  language = COALESCE(u.language, c.language), version = c.version + 1, updated_at = %s
FROM json_populate_recordset(NULL::customers_customer, %s) u WHERE c.id = u.id
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is, and what has to be written so that the books know it too.

    `customer` is the customer as it will be stored; None is a guest. `new_rows` are for
    `config.kernel.sql.insert`, `changes` the columns of a known customer that differ, for `change`.
    """

    customer: Known | None = None
    new_rows: Rows = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def customer_id(self) -> UUID | None:
        """Return the customer's key, None for a guest."""
        return self.customer.id if self.customer else None


def given(
    *,
    country: str,
    reference: str = "",
    name: str = "",
    company: str = "",
    email: str = "",
    phone: str = "",
    vat_number: str = "",
    language: str = "",
) -> Given:
    """Return what was sent in the form it is kept in.

    The phone becomes E.164 as dialled in `country`, the VAT number is compacted and checked, the
    e-mail's key is case-folded. What cannot be normalised is kept as sent; a text that is no e-mail
    identifies nobody.
    """
    vat_text, vat_valid = checked_vat(vat_number, country)
    return Given(
        reference=reference.strip(),
        name=name.strip(),
        company=company.strip(),
        email=email.strip(),
        email_key=email_key(email),
        phone=kept_phone(phone, country),
        vat_number=vat_text,
        vat_number_valid=vat_valid,
        language=language.strip(),
    )


def kept_phone(text: str, country: str) -> str:
    """Return a phone as it is kept: E.164 as dialled in `country`, else as much as fits."""
    return phones.normalise(text, country)[:WIDTH] if text.strip() else ""


def checked_vat(text: str, country: str) -> tuple[str, bool | None]:
    """Return a VAT number as it is kept, and whether it is well formed; None for none."""
    if not text.strip():
        return "", None
    number, is_valid = vat.check(text, country)
    return number[:WIDTH], is_valid


def email_key(email: str) -> str:
    """Return an e-mail as it is compared: case-folded; empty for a text that is none."""
    local, _, domain = email.strip().rpartition("@")
    return folding.key(email) if local and domain else ""


def resolve(
    *,
    channel_id: UUID,
    given: Given,
    by_reference: Known | None,
    by_email: Known | None,
    at: datetime,
) -> Identity:
    """Return who it is and what to write, from the rows found under the given reference and e-mail.

    A known customer gets the reference or e-mail row it lacks and the non-empty values that differ;
    nothing is blanked out, and what staff decide (blocked, terms, notes) is not touched.
    """
    keys = given.identifiers()
    if not keys:
        return Identity()
    found = {REFERENCE: by_reference, EMAIL: by_email}
    missing = [key for key in keys if found[key[0]] is None]
    known = by_reference or by_email
    changes = _differences(known, given) if known else {}
    customer = _fresh(given) if known is None else known
    if changes:
        customer = replace(customer, **_of_known(changes))
    new_rows: Rows = [(Customer, [] if known else [_customer_row(customer, given, channel_id, at)])]
    new_rows.append(
        (CustomerReference, [reference_row(key, customer.id, channel_id) for key in missing])
    )
    return Identity(customer, [(model, rows) for model, rows in new_rows if rows], changes)


def known(*, customer_id: UUID) -> Known | None:
    """Return a customer as stored, for who is chosen by hand; None when there is none."""
    columns = Customer.objects.filter(pk=customer_id).values_list(*KNOWN_COLUMNS).first()
    return Known(*columns) if columns else None


@commands.command
def identify(*, channel: Channel, given: Given, at: datetime) -> Customer | None:
    """Find the customer or create one, and store what is new; None for a guest.

    Two commands may meet the same new customer at once: the later one runs again and finds it.
    """
    (customer_id,) = identify_many(channel_id=channel.pk, givens=[given], at=at)
    return Customer.objects.get(pk=customer_id) if customer_id else None


@commands.command
def identify_many(*, channel_id: UUID, givens: Sequence[Given], at: datetime) -> list[UUID | None]:
    """Find or create the customers of many orders in three statements; return their keys in order.

    A customer met several times is made once and keeps what was said last.
    """
    book = _look_up(channel_id, givens)
    identities = []
    for one in givens:
        identity = resolve(
            channel_id=channel_id,
            given=one,
            by_reference=book.find(REFERENCE, one.reference),
            by_email=book.find(EMAIL, one.email_key),
            at=at,
        )
        identities.append(identity)
        book.note(one, identity.customer)
    store(identities=identities, at=at)
    return [identity.customer_id for identity in identities]


@commands.command
def store(*, identities: Iterable[Identity], at: datetime) -> None:
    """Write what resolving found new or different; runs again when someone else was first."""
    rows: dict[type[models.Model], list[dict[str, Any]]] = {Customer: [], CustomerReference: []}
    changes: dict[UUID, dict[str, Any]] = {}
    for identity in identities:
        for model, more in identity.new_rows:
            rows[model].extend(more)
        if identity.customer and identity.changes:
            changes.setdefault(identity.customer.id, {}).update(identity.changes)
    try:
        sql.insert(*rows.items())
    except IntegrityError as error:
        if commands.constraint(error) == ONCE:
            raise commands.Rerun from error
        raise
    change(changes=changes, at=at)


@commands.command
def change(*, changes: Mapping[UUID, Mapping[str, Any]], at: datetime) -> None:
    """Write columns that differ, of many customers in one statement; their versions move on."""
    if changes:
        rows = [{"id": key, **columns} for key, columns in sorted(changes.items())]
        sql.run(CHANGE, [at, sql.to_json(rows)])


def reference_row(key: tuple[str, str], customer_id: UUID, channel_id: UUID) -> dict[str, Any]:
    """Return the row by which a channel recognises a customer; `key` is (kind, value)."""
    kind, value = key
    return {
        "id": ids.new(),
        "channel_id": channel_id,
        "kind": kind,
        "value": value,
        "customer_id": customer_id,
    }


@commands.command
def recognise(*, channel_id: UUID, reference: str, customer_id: UUID) -> None:
    """Let a channel know a customer by a reference of its own, unless it means one already."""
    row = reference_row((REFERENCE, reference), customer_id, channel_id)
    sql.run(RECOGNISE, [sql.to_json([row])])


@dataclass(slots=True)
class _Book:
    """Who is known under which key: later orders of a batch find what earlier ones said."""

    keys: dict[tuple[str, str], UUID]
    people: dict[UUID, Known]

    def find(self, kind: str, value: str) -> Known | None:
        customer_id = self.keys.get((kind, value))
        return self.people[customer_id] if customer_id else None

    def note(self, given: Given, customer: Known | None) -> None:
        if customer is not None:
            self.people[customer.id] = customer
            for key in given.identifiers():
                self.keys.setdefault(key, customer.id)


def _look_up(channel_id: UUID, givens: Sequence[Given]) -> _Book:
    wanted = sorted({key for one in givens for key in one.identifiers()})
    found = sql.fetch(LOOK_UP, [channel_id, sql.to_json(wanted)]) if wanted else []
    book = _Book({}, {})
    for kind, value, *columns in found:
        known = Known(*columns)
        book.keys[kind, value] = known.id
        book.people[known.id] = known
    return book


def _differences(known: Known, given: Given) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in ("name", "company", "phone", "language"):
        value = getattr(given, name)
        if value and value != getattr(known, name):
            changes[name] = value
    if given.vat_number and given.vat_number != known.vat_number:
        changes |= {"vat_number": given.vat_number, "vat_number_valid": given.vat_number_valid}
    if given.email_key and given.email_key != known.email_key:
        changes |= {"email": given.email, "email_key": given.email_key}
    return changes


def _of_known(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name in KNOWN_COLUMNS}


def _fresh(given: Given) -> Known:
    return Known(
        id=ids.new(),
        name=given.name,
        company=given.company,
        email=given.email,
        email_key=given.email_key,
        phone=given.phone,
        vat_number=given.vat_number,
        language=given.language,
        is_blocked=False,
        blocked_reason="",
        payment_terms_days=None,
        credit_limit=None,
        credit_currency="",
    )


def _customer_row(customer: Known, given: Given, channel_id: UUID, at: datetime) -> dict[str, Any]:
    columns = {name: getattr(customer, name) for name in KNOWN_COLUMNS}
    return columns | {
        "channel_id": channel_id,
        "vat_number_valid": given.vat_number_valid,
        "tags": [],
        "invoice_email": "",
        "notes": "",
        "version": 1,
        "created_at": at,
        "updated_at": at,
    }
