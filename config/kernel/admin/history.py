"""The history of one record of master data, as a page of its own."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.kernel.admin import telling
from config.kernel.admin.paging import HasNextPaginator
from config.kernel.models import Change

EACH = 50


class HistoryMixin:
    """Gives records under audit their history; others have no such page."""

    keeps_history = False

    def history_url(self, record: Model) -> str:
        """Return the address of a record's history, empty if none is kept."""
        if not self.keeps_history:
            return ""
        opts = record._meta  # noqa: SLF001
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_history", args=[record.pk])

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Show what happened to a record, the latest first; what is unseen is like unknown."""
        del extra_context
        if not self.keeps_history:
            raise Http404
        record = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record):  # type: ignore[attr-defined]
            raise PermissionDenied
        opts = record._meta  # noqa: SLF001
        rows = Change.objects.filter(subject_id=str(record.pk), subject=opts.label_lower)
        pages = HasNextPaginator(rows.order_by("-id"), EACH)
        number = max(1, int(number)) if (number := request.GET.get("page", "1")).isdigit() else 1
        page = pages.page(number)
        return self.show(  # type: ignore[attr-defined]
            request,
            "console/history.html",
            _("History of %(record)s") % {"record": record},
            opts=opts,
            original=record,
            changes=telling.tell(page.object_list),
            own=opts.label_lower,
            number=number,
            has_next=pages.has_next,
        )
