"""Customers' address books: the same address is kept once per customer, however it was typed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from config.kernel import commands, ids, sql
from customers import addresses
from customers.addresses import Checked
from customers.models import Address

REMEMBER = """
INSERT INTO customers_address (id, customer_id, digest, name, company, line1, line2, city, region,
  postal_code, country, phone, is_valid, problems, first_used_at)
SELECT id, customer_id, digest, name, company, line1, line2, city, region,
  postal_code, country, phone, is_valid, problems, first_used_at
FROM json_populate_recordset(NULL::customers_address, %s)
ON CONFLICT (customer_id, digest) DO NOTHING
"""

_WIDTHS = {
    field.name: field.max_length
    for field in Address._meta.fields  # noqa: SLF001 - Django's documented API
    if field.name in addresses.FIELDS
}


def digest(address: Mapping[str, str]) -> str:
    """Return what two spellings of one address share: letter case, blanks and phone do not count.

    Expects the `address` of what `customers.addresses.check` returned.
    """
    told = {
        field: " ".join(address[field].casefold().split())
        for field in addresses.FIELDS
        if field not in {"phone", "postal_code"}
    }
    told["postal_code"] = addresses.postal_key(address["postal_code"])
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


def address_row(customer_id: UUID, checked: Checked, at: datetime) -> dict[str, Any]:
    """Return a row for the address book, marked when the check failed; `remember` stores it.

    The book holds what fits its columns; an order keeps the address it was sent in full.
    """
    address = {field: text[: _WIDTHS[field]] for field, text in checked.address.items()}
    country = checked.address["country"]
    return {
        **address,
        "id": ids.new(),
        "customer_id": customer_id,
        "digest": digest(address),
        "country": country if addresses.is_country(country) else "",
        "is_valid": checked.ok,
        "problems": [{"field": p.field, "code": p.code} for p in checked.problems],
        "first_used_at": at,
    }


@commands.command
def remember(*, rows: Sequence[Mapping[str, Any]]) -> int:
    """Store addresses in one statement, those already known excepted; return how many were new."""
    return sql.run(REMEMBER, [sql.to_json(rows)]) if rows else 0
