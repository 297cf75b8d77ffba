"""The console's pages of uploads: what can be handed in, what a file would change, the decision."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.kernel import clock, ids, jobs
from config.kernel.actors import Actor
from config.kernel.admin import bases, upload_page
from config.kernel.errors import DomainError
from config.kernel.models import Upload, UploadStatus
from config.kernel.uploads import exporting, guard, layouts, quota, starting
from config.kernel.uploads.errors import MEBIBYTE, Unreadable
from config.kernel.uploads.layouts import Behalf, Layout

HISTORY = 50
EVERY = 1500  # milliseconds between two looks at what runs
FORMS = (exporting.CSV, exporting.XLSX)


class HandIn(forms.Form):
    """A file, and the id under which it is taken in once."""

    command_id = forms.UUIDField()
    file = forms.FileField(allow_empty_file=True)


class Decision(forms.Form):
    """Whether bad rows are left out, and the id under which this is decided once."""

    command_id = forms.UUIDField()
    skip_bad_rows = forms.BooleanField(required=False)


@admin.register(Upload)
class UploadAdmin(bases.FactsAdmin):
    def get_urls(self) -> list[URLPattern]:
        """Add a page for each layout, and what can be done with an upload."""
        views = [
            ("of/<slug:code>/", "layout", require_http_methods(["GET", "POST"])(self.layout_view)),
            ("of/<slug:code>/template.<slug:form>", "template", require_safe(self.template_view)),
            ("of/<slug:code>/export.<slug:form>", "export", require_POST(self.export_view)),
            ("<uuid:upload_id>/book/", "book", require_POST(self.book_view)),
            ("<uuid:upload_id>/discard/", "discard", require_POST(self.discard_view)),
        ]
        return [
            path(route, self.admin_site.admin_view(view), name=f"kernel_upload_{name}")
            for route, name, view in views
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        """Keep what the reader may see, with its jobs."""
        found: QuerySet[Upload] = super().get_queryset(request)
        return found.select_related("uploaded_by", "check_job", "book_job")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what can be uploaded and exported, and what was."""
        history = list(self.get_queryset(request).order_by("-uploaded_at")[:HISTORY])
        return self.show(
            request,
            "console/uploads/list.html",
            _("Uploads and exports"),
            kinds=[upload_page.kind(one, request.user) for one in upload_page.usable(request.user)],
            history=[upload_page.line(upload) for upload in history],
            is_live=any(starting.is_running(upload) for upload in history),
            every=EVERY,
            **(extra_context or {}),
        )

    def layout_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Explain a layout's columns, offer its template and export, and take a file in."""
        layout = self._layout(request, code)
        if request.method != "POST":
            return self._layout_page(request, layout)
        if not layout.may_upload(request.user):
            raise PermissionDenied
        try:
            upload = self._taken_in(request, layout)
        except DomainError as refusal:
            return self._layout_page(request, layout, refusal.told(), status=422)
        return HttpResponseRedirect(_address(upload))

    def template_view(self, request: HttpRequest, code: str, form: str) -> HttpResponse:
        """Answer a file of the layout with its example rows."""
        layout = self._layout(request, code)
        return _download(exporting.template(layout=layout, form=_form(form)), layout, form)

    def export_view(self, request: HttpRequest, code: str, form: str) -> HttpResponse:
        """Answer everything the reader may see, or start a job when that is long."""
        layout = self._layout(request, code)
        if not layout.may_export(request.user):
            raise PermissionDenied
        behalf = Behalf(user=request.user, actor=Actor.staff(request.user), at=clock.now())  # type: ignore[arg-type]
        content = exporting.at_once(layout=layout, behalf=behalf, form=_form(form))
        if content is not None:
            return _download(content, layout, form)
        job = jobs.start(
            kind=starting.kind(starting.EXPORT, layout),
            user=request.user,  # type: ignore[arg-type]
            params={"form": form, "file": f"{layout.code}.{form}"},
            command_id=ids.new(),
            at=clock.now(),
        )
        return HttpResponseRedirect(jobs.address(job))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an upload: being checked, waiting for a decision, booked."""
        del form_url
        upload = self.get_object(request, object_id)
        if upload is None:
            raise Http404
        layout = layouts.of(upload.layout)
        return self.show(
            request,
            "console/uploads/upload.html",
            f"{layout.title}: {upload.file_name}",
            **upload_page.context(request, upload, layout),
            command_id=ids.new(),
            every=EVERY,
            **(extra_context or {}),
        )

    def book_view(self, request: HttpRequest, upload_id: UUID) -> HttpResponse:
        """Book a file, without its bad rows if that was chosen."""
        upload = self._own(request, upload_id)
        form = Decision(request.POST)
        if form.is_valid():
            self._try(
                request,
                lambda: starting.book(
                    upload=upload,
                    layout=layouts.of(upload.layout),
                    user=request.user,  # type: ignore[arg-type]
                    skip_bad_rows=form.cleaned_data["skip_bad_rows"],
                    command_id=form.cleaned_data["command_id"],
                    at=clock.now(),
                ),
            )
        return HttpResponseRedirect(_address(upload))

    def discard_view(self, request: HttpRequest, upload_id: UUID) -> HttpResponse:
        """Book nothing of a file, or nothing more."""
        upload = self._own(request, upload_id)
        if upload.status == UploadStatus.CHECKING and upload.check_job is not None:
            jobs.cancel(job_id=upload.check_job.pk, at=clock.now())
        self._try(request, lambda: starting.discard(upload=upload, at=clock.now()))
        return HttpResponseRedirect(_address(upload))

    def _layout(self, request: HttpRequest, code: str) -> Layout:
        layout = layouts.find(code)
        if layout is None or layout not in upload_page.usable(request.user):
            raise Http404
        return layout

    def _layout_page(
        self, request: HttpRequest, layout: Layout, error: str = "", status: int = 200
    ) -> HttpResponse:
        page = self.show(
            request,
            "console/uploads/layout.html",
            _("%(what)s: upload and export") % {"what": layout.title},
            kind=upload_page.kind(layout, request.user),
            columns=layout.columns,
            error=error,
            most=guard.MOST_BYTES // MEBIBYTE,
            command_id=ids.new(),
        )
        page.status_code = status
        return page

    def _taken_in(self, request: HttpRequest, layout: Layout) -> Upload:
        form = HandIn(request.POST, request.FILES)
        name = quota.too_large(request.META)
        if name:
            raise Unreadable("too_large", name=name, most=guard.MOST_BYTES // MEBIBYTE)
        if not form.is_valid():
            raise Unreadable("no_file")
        return starting.receive(
            layout=layout,
            file=form.cleaned_data["file"],
            user=request.user,  # type: ignore[arg-type]
            command_id=form.cleaned_data["command_id"],
            at=clock.now(),
        )

    def _own(self, request: HttpRequest, upload_id: UUID) -> Upload:
        """Return an upload of the reader's own: its rows are what that person may see."""
        upload = self.get_queryset(request).filter(pk=upload_id).first()
        if upload is None or not upload_page.may_see(request.user, upload):
            raise Http404
        return upload

    @staticmethod
    def _try(request: HttpRequest, decide: Any) -> None:
        try:
            decide()
        except DomainError as refusal:
            messages.error(request, refusal.told())


def _form(form: str) -> str:
    if form not in FORMS:
        raise Http404
    return form


def _address(upload: Upload) -> str:
    return reverse("admin:kernel_upload_change", args=[upload.pk])


def _download(content: bytes, layout: Layout, form: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=exporting.CONTENT_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{layout.code}.{form}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
