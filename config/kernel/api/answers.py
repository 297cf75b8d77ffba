"""How API doors answer: JSON bytes, stored answers to the letter."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from config.kernel import sql
from config.kernel.api.problems import CONTENT_TYPE
from config.kernel.idempotency import Answer


def json(
    document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a document as JSON; decimals are strings."""
    return HttpResponse(
        sql.to_json(document), status=status, content_type="application/json", headers=headers
    )


def stored(answer: Answer) -> HttpResponse:
    """Return a stored answer byte for byte, and say when it is a replay."""
    headers = {"Location": answer.location} if answer.location else {}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    kind = "application/json" if answer.status < 400 else CONTENT_TYPE
    return HttpResponse(answer.body, status=answer.status, content_type=kind, headers=headers)
