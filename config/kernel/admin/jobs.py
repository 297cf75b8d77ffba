"""The console's pages of jobs: what runs, how far it is, what became of each row, its files."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from config.kernel import clock, exports, jobs, words
from config.kernel.admin import bases
from config.kernel.jobs import storage, telling
from config.kernel.models import Job, JobFile, JobRow, JobStatus

PER_PAGE = 50
OVERSEE = "kernel.oversee_job"
RUNNING = (JobStatus.QUEUED, JobStatus.RUNNING)
TONES = {"queued": "wait", "running": "busy", "done": "good", "failed": "bad", "cancelled": ""}
ROW_TONES = {"done": "good", "unchanged": "", "failed": "bad", "waiting": "wait"}
EVERY = 1500  # milliseconds between two looks at what runs


@admin.register(Job)
class JobAdmin(bases.FactsAdmin):
    def get_urls(self) -> list[URLPattern]:
        """Add what a job's page links to."""
        of_job = [
            ("cancel/", "cancel", require_POST(self.cancel_view)),
            ("report.csv", "report", require_safe(self.report_view)),
            ("files/<str:name>", "file", require_safe(self.file_view)),
        ]
        return [
            path(
                f"<uuid:job_id>/{route}",
                self.admin_site.admin_view(view),
                name=f"kernel_job_{name}",
            )
            for route, name, view in of_job
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Keep one's own jobs; with the right, everybody's."""
        found = super().get_queryset(request).select_related("started_by")
        return found if request.user.has_perm(OVERSEE) else found.filter(started_by=request.user.pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show jobs, the newest first; while one runs, the page keeps itself up to date."""
        number = _page(request)
        found = self.get_queryset(request).order_by("-pk")
        if request.GET.get("whose") == "mine":
            found = found.filter(started_by=request.user.pk)
        rows = list(found[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
        shown = rows[:PER_PAGE]
        return self.show(
            request,
            "console/jobs.html",
            _("Jobs"),
            rows=[_shown(job) for job in shown],
            is_live=any(job.status in RUNNING for job in shown),
            every=EVERY,
            may_oversee=request.user.has_perm(OVERSEE),
            is_mine=request.GET.get("whose") == "mine",
            pages=_pages(request, number, has_next=len(rows) > PER_PAGE),
            **(extra_context or {}),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a job: how far it is, its files, and what became of each row."""
        del form_url
        job = self.get_object(request, object_id)
        if job is None:
            raise Http404
        wanted = _wanted(request, job)
        number = _page(request)
        rows = list(_rows(job, wanted)[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
        may_see = _may_see_content(request, job)
        return self.show(
            request,
            "console/job.html",
            telling.label(job),
            job=_shown(job),
            files=job.files.filter(is_result=True).order_by("name") if may_see else (),
            has_rows=bool(rows) or job.total is not None,
            rows=[_row(job, row) for row in rows[:PER_PAGE]] if may_see else [],
            may_see=may_see,
            wanted=wanted,
            tabs=_tabs(job, wanted),
            every=EVERY,
            pages=_pages(request, number, has_next=len(rows) > PER_PAGE),
            **(extra_context or {}),
        )

    def cancel_view(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Ask a job to stop."""
        job = self._job(request, job_id)
        jobs.cancel(job_id=job.pk, at=clock.now())
        return HttpResponseRedirect(telling.address(job))

    def report_view(
        self, request: HttpRequest, job_id: UUID
    ) -> HttpResponse | StreamingHttpResponse:
        """Answer the rows of a job and their results as CSV, the failed ones only when asked."""
        job = self._job(request, job_id, content=True)
        rows = _rows(job, request.GET.get("only", ""))
        answer = StreamingHttpResponse(_report(job, rows), content_type="text/csv; charset=utf-8")
        return _as_download(answer, "report.csv")

    def file_view(self, request: HttpRequest, job_id: UUID, name: str) -> FileResponse:
        """Answer a file that a job made; it is never shown as a page."""
        job = self._job(request, job_id, content=True)
        file = JobFile.objects.filter(job=job, name=name, is_result=True).first()
        if file is None or not storage.path(job.pk, file.name).is_file():
            raise Http404
        opened = storage.path(job.pk, file.name).open("rb")
        return _as_download(FileResponse(opened, as_attachment=True, filename=file.name))

    def _job(self, request: HttpRequest, job_id: UUID, *, content: bool = False) -> Job:
        job = self.get_queryset(request).filter(pk=job_id).first()
        if job is None or not self.has_view_permission(request):
            raise Http404
        if content and not _may_see_content(request, job):
            raise Http404
        return job


def _may_see_content(request: HttpRequest, job: Job) -> bool:
    """Rows and files hold what the starter may see, which whoever oversees jobs may not."""
    return request.user.is_superuser or job.started_by_id == request.user.pk


def _shown(job: Job) -> dict[str, Any]:
    now = clock.now()
    handled = job.done + job.failed
    ended = job.finished_at or now
    return {
        "job": job,
        "label": telling.label(job),
        "asked": telling.asked(job),
        "address": telling.address(job),
        "tone": TONES[job.status],
        "is_running": job.status in RUNNING,
        "is_stopping": job.status == JobStatus.RUNNING and job.cancel_requested_at is not None,
        "handled": handled,
        "result": telling.result(job),
        "left": _left(job, handled, now - job.began_at) if job.began_at else "",
        "took": _duration(ended - job.began_at) if job.began_at and job.finished_at else "",
    }


def _left(job: Job, handled: int, since: timedelta) -> str:
    if job.status != JobStatus.RUNNING or not handled or not job.total:
        return ""
    left = since / handled * max(job.total - handled, 0)
    return _("about %(time)s left") % {"time": _duration(left)}


def _duration(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    if seconds < 90:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = round(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _wanted(request: HttpRequest, job: Job) -> str:
    """Return which rows to show: what was asked for, else those that failed, if any."""
    asked = request.GET.get("only", "failed" if job.failed else "all")
    return asked if asked in {"all", *JobRow.Outcome.values} else "all"


def _rows(job: Job, wanted: str) -> QuerySet[JobRow]:
    rows = JobRow.objects.filter(job=job).order_by("pk")
    return rows.filter(outcome=wanted) if wanted in JobRow.Outcome.values else rows


def _row(job: Job, row: JobRow) -> dict[str, Any]:
    return {
        "row": row,
        "tone": ROW_TONES[row.outcome],
        "address": telling.page_of(job, row.subject_id),
        "sentence": telling.sentence(job, row.code, row.params),
    }


def _tabs(job: Job, wanted: str) -> list[dict[str, Any]]:
    labels = [("all", _("All"), job.total), ("failed", _("Failed"), job.failed)]
    return [
        {
            "name": name,
            "label": label,
            "count": words.count(count or 0),
            "is_current": name == wanted,
        }
        for name, label, count in labels
    ]


def _report(job: Job, rows: QuerySet[JobRow]) -> Iterator[str]:
    header = (_("Record"), _("Result"), _("Reason"), _("Code"))
    yield exports.BYTE_ORDER_MARK + exports.csv_text(header, ())
    for row in rows.iterator(chunk_size=2000):
        told = telling.sentence(job, row.code, row.params)
        yield exports.csv_row((row.label, row.get_outcome_display(), told, row.code))


def _as_download(answer: Any, name: str = "") -> Any:
    if name:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _page(request: HttpRequest) -> int:
    text = request.GET.get("p", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _pages(request: HttpRequest, number: int, *, has_next: bool) -> dict[str, Any]:
    def address(to: int) -> str:
        query = request.GET.copy()
        query["p"] = str(to)
        return f"?{query.urlencode()}"

    return {
        "number": number,
        "previous": address(number - 1) if number > 1 else "",
        "next": address(number + 1) if has_next else "",
    }
