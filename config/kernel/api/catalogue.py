"""Every refusal of the product as a table of code, status, meaning and what to do about it.

It is made from the refusals themselves; problems link to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.kernel import errors
from config.kernel.errors import Again, DomainError

AGAIN = {
    Again.NO: "No.",
    Again.CORRECTED: "Yes, corrected.",
    Again.READ_FIRST: "Yes, after reading the present state.",
    Again.NEW_KEY: "Yes, under a new Idempotency-Key, once the cause is gone.",
    Again.LATER: "Yes, after Retry-After.",
}


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One code: its status, what it means, and whether to send the request again."""

    status: int
    code: str
    meaning: str
    again: str


def entries(kinds: Iterable[type[DomainError]] | None = None) -> list[Entry]:
    """Return the entries of these refusals, or of all there are, by status and code.

    Where several refusals share a code, the most general one explains it.
    """
    found: dict[str, Entry] = {}
    chosen = set(errors.kinds() if kinds is None else kinds)
    for kind in errors.kinds():
        if kind in chosen:
            entry = Entry(kind.status, kind.code, kind.title, AGAIN[errors.again(kind)])
            found.setdefault(kind.code, entry)
    return sorted(found.values())


def markdown(kinds: Iterable[type[DomainError]]) -> str:
    """Return the entries as the table of the guide."""
    rows = [
        f"| `{entry.code}` | {entry.status} | {entry.meaning} | {entry.again} |"
        for entry in entries(kinds)
    ]
    return "\n".join(["| `code` | Status | Meaning | Again? |", "|---|---|---|---|", *rows])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the catalogue."""
    return render(request, "api/errors.html", {"entries": entries()})
