"""Every error code of the API with what it means and what to do; problems link here."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: its status, what it means, and whether to send the request again."""

    code: str
    status: int
    meaning: object
    again: object


NO, CORRECTED, LATER = _("No."), _("Yes, corrected."), _("Yes, after Retry-After.")

ENTRIES = (
    Entry(
        "malformed", 400, _("The request cannot be read: syntax, encoding, parameters."), CORRECTED
    ),
    Entry("idempotency_key_missing", 400, _("This request needs an Idempotency-Key."), CORRECTED),
    Entry(
        "idempotency_key_malformed",
        400,
        _("An Idempotency-Key has 1 to 255 printable ASCII characters."),
        CORRECTED,
    ),
    Entry("not_authenticated", 401, _("No API key was sent."), CORRECTED),
    Entry("invalid_key", 401, _("The key is unknown, expired or revoked."), CORRECTED),
    Entry("not_allowed", 403, _("The key lacks the scope for this."), NO),
    Entry("not_found", 404, _("There is nothing by that name in your channel."), NO),
    Entry("method_not_allowed", 405, _("This address does not take this method."), NO),
    Entry("not_acceptable", 406, _("Only application/json is answered."), CORRECTED),
    Entry("order_exists", 409, _("The reference was used for an order with other content."), NO),
    Entry("out_of_stock", 409, _("Not enough stock, and the channel takes no backorders."), NO),
    Entry("already_shipped", 409, _("What is to be cancelled has left the building."), NO),
    Entry("nothing_to_cancel", 409, _("There is not that much left to cancel."), NO),
    Entry("idempotency_key_in_use", 409, _("The first request is still running."), LATER),
    Entry("too_large", 413, _("At most 4 MB and 1,000 lines are read."), CORRECTED),
    Entry(
        "unsupported_media_type",
        415,
        _("Send application/json in UTF-8, not compressed."),
        CORRECTED,
    ),
    Entry("invalid", 422, _("The content makes no sense; every fault is listed."), CORRECTED),
    Entry("unknown_product", 422, _("The channel takes no orders with unknown SKUs."), CORRECTED),
    Entry("line_not_found", 422, _("The order has no such line."), CORRECTED),
    Entry(
        "idempotency_key_reused",
        422,
        _("The Idempotency-Key was used for another request."),
        CORRECTED,
    ),
    Entry("throttled", 429, _("Too many requests."), LATER),
    Entry("server_error", 500, _("Our fault; it has been logged. Nothing was stored."), LATER),
    Entry("busy", 503, _("Others hold what is needed, or the database is away."), LATER),
)


def page(request: HttpRequest) -> HttpResponse:
    """Show the catalogue."""
    return render(request, "api/errors.html", {"entries": ENTRIES})
