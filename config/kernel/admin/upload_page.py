"""What the pages of uploads say: kinds of files, one upload and its rows, the history."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import words
from config.kernel.jobs import storage, telling
from config.kernel.models import Job, Upload, UploadRow, UploadStatus
from config.kernel.uploads import columns, error_files, errors, layouts, reasons, staging, starting
from config.kernel.uploads.layouts import Layout

PER_PAGE = 25
MOST_VALUES = 8
TONES = {
    UploadStatus.CHECKING: "busy",
    UploadStatus.READY: "wait",
    UploadStatus.BOOKING: "busy",
    UploadStatus.DONE: "good",
    UploadStatus.REFUSED: "bad",
    UploadStatus.DISCARDED: "",
}
KINDS = (staging.BAD, staging.CHANGED, staging.NEW)


def usable(user: Any) -> list[Layout]:
    """Return the layouts somebody may upload or export."""
    return [one for one in layouts.every() if one.may_upload(user) or one.may_export(user)]


def may_see(user: Any, upload: Upload) -> bool:
    """Tell whether somebody may see the rows: they hold what the uploader may see."""
    return bool(user.is_superuser) or upload.uploaded_by_id == user.pk


def kind(layout: Layout, user: Any) -> dict[str, Any]:
    """Return what a layout's card and page show."""
    return {
        "layout": layout,
        "address": reverse("admin:kernel_upload_layout", args=[layout.code]),
        "may_upload": layout.may_upload(user),
        "may_export": layout.may_export(user),
        "templates": _files("template", layout),
        "exports": _files("export", layout),
    }


def _files(view: str, layout: Layout) -> list[tuple[str, str]]:
    return [
        (form.upper(), reverse(f"admin:kernel_upload_{view}", args=[layout.code, form]))
        for form in ("xlsx", "csv")
    ]


def line(upload: Upload) -> dict[str, Any]:
    """Return what the history says about an upload."""
    layout = layouts.find(upload.layout)
    return {
        "upload": upload,
        "title": layout.title if layout else upload.layout,
        "address": reverse("admin:kernel_upload_change", args=[upload.pk]),
        "tone": TONES[UploadStatus(upload.status)],
        "result": result(upload),
    }


def result(upload: Upload) -> str:
    """Return in a sentence what became of an upload, or what it waits for."""
    figures = upload.figures
    if upload.status == UploadStatus.REFUSED:
        return errors.sentence(upload.reason, upload.reason_params)
    if upload.status == UploadStatus.READY:
        return _checked(figures)
    if upload.status in {UploadStatus.DONE, UploadStatus.BOOKING}:
        return _booked(figures)
    if upload.status == UploadStatus.DISCARDED:
        return _("Nothing was booked.")
    return ""


def _checked(figures: dict[str, int]) -> str:
    told = {name: words.count(figures.get(name, 0)) for name in ("new", "changed", "bad")}
    if figures.get("bad"):
        return _("%(new)s new, %(changed)s changed, %(bad)s wrong.") % told
    return _("%(new)s new, %(changed)s changed.") % told


def _booked(figures: dict[str, int]) -> str:
    left_out = figures.get("bad", 0) + figures.get("turned_bad", 0)
    told = {
        "new": words.count(figures.get("booked_new", 0)),
        "changed": words.count(figures.get("booked_changed", 0)),
        "bad": words.count(left_out),
    }
    if left_out:
        return _("%(new)s added, %(changed)s changed, %(bad)s left out.") % told
    return _("%(new)s added, %(changed)s changed.") % told


def context(request: HttpRequest, upload: Upload, layout: Layout) -> dict[str, Any]:
    """Return everything the page of one upload prints."""
    seen = may_see(request.user, upload)
    job = upload.check_job if upload.book_job is None else upload.book_job
    figures = upload.figures
    wanted = _wanted(request, figures)
    rows = list(_rows(upload, wanted, _number(request))) if seen else []
    return {
        "upload": upload,
        "kind": kind(layout, request.user),
        "line": line(upload),
        "may_see": seen,
        "may_decide": seen and layout.may_upload(request.user),
        "job": _progress(job) if job else None,
        "is_running": starting.is_running(upload),
        "broke_off": _broke_off(upload, job),
        "decision": _decision(figures),
        "note": _note(upload),
        "tabs": _tabs(figures, wanted),
        "tiles": _tiles(figures),
        "wanted": wanted,
        "rows": [_row(layout, row) for row in rows[:PER_PAGE]],
        "pages": _pages(request, has_next=len(rows) > PER_PAGE),
        "error_file": _error_file(upload, job) if seen else "",
    }


def _broke_off(upload: Upload, job: Job | None) -> str:
    """Return why work on an upload ended before its end; empty when it did not."""
    is_working = upload.status in {UploadStatus.CHECKING, UploadStatus.BOOKING}
    if not is_working or job is None or job.finished_at is None:
        return ""
    return telling.sentence(job, job.code, job.code_params) or job.get_status_display()


def _note(upload: Upload) -> str:
    if upload.status == UploadStatus.READY and upload.reason:
        return _(
            "Nothing was booked: something changed since the file was checked. "
            "Look at the rows that are wrong now, and decide again."
        )
    return ""


def _progress(job: Job) -> dict[str, Any]:
    return {
        "job": job,
        "handled": min(job.done + job.failed, job.total or 0),
        "is_running": job.finished_at is None,
    }


def _decision(figures: dict[str, int]) -> dict[str, Any]:
    """Return the words on the button that books."""
    wanted = figures.get("new", 0) + figures.get("changed", 0)
    bad = figures.get("bad", 0)
    told = {"rows": words.count(wanted), "bad": words.count(bad)}
    if bad:
        label = ngettext(
            "Book %(rows)s row, skip %(bad)s", "Book %(rows)s rows, skip %(bad)s", wanted
        )
    else:
        label = ngettext("Book %(rows)s row", "Book %(rows)s rows", wanted)
    return {"wanted": wanted, "bad": bad, "label": label % told}


def _tiles(figures: dict[str, int]) -> list[tuple[str, int, str]]:
    return [
        (_("New"), figures.get("new", 0), "good"),
        (_("Changed"), figures.get("changed", 0), "busy"),
        (_("Unchanged"), figures.get("unchanged", 0), ""),
        (_("Wrong"), figures.get("bad", 0), "bad"),
    ]


def _tabs(figures: dict[str, int], wanted: str) -> list[dict[str, Any]]:
    labels = {staging.BAD: _("Wrong"), staging.CHANGED: _("Changed"), staging.NEW: _("New")}
    return [
        {
            "name": name,
            "label": labels[name],
            "count": figures.get(name, 0),
            "is_current": name == wanted,
        }
        for name in KINDS
        if figures.get(name)
    ]


def _wanted(request: HttpRequest, figures: dict[str, int]) -> str:
    """Return which rows to show: what was asked for, else what needs looking at first."""
    asked = request.GET.get("show", "")
    if asked in KINDS:
        return asked
    return next((name for name in KINDS if figures.get(name)), staging.BAD)


def _rows(upload: Upload, wanted: str, number: int) -> QuerySet[UploadRow]:
    found = UploadRow.objects.filter(upload=upload, outcome=wanted).order_by("row_number")
    return found[(number - 1) * PER_PAGE : number * PER_PAGE + 1]


def _row(layout: Layout, row: UploadRow) -> dict[str, Any]:
    values: dict[str, Any] = row.values
    return {
        "number": row.row_number,
        "name": " · ".join(
            columns.shown(values[name]) for name in layout.named_by if values.get(name)
        ),
        "faults": [reasons.sentence(layout, one) for one in staging.faults_of(row.faults)],
        "changes": [
            (name, columns.shown(was) or "–", columns.shown(values.get(name)) or "–")
            for name, was in row.before.items()
        ],
        "values": [
            (name, columns.shown(value))
            for name, value in values.items()
            if name not in layout.named_by and columns.shown(value)
        ][:MOST_VALUES],
    }


def _error_file(upload: Upload, job: Job | None) -> str:
    """Return the address of the last error file, if there is one."""
    for one in (job, upload.check_job):
        name = error_files.name_for(upload)
        if one is not None and storage.path(one.pk, name).is_file():
            return reverse("admin:kernel_job_file", args=[one.pk, name])
    return ""


def _number(request: HttpRequest) -> int:
    text = request.GET.get("p", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _pages(request: HttpRequest, *, has_next: bool) -> dict[str, Any]:
    number = _number(request)

    def address(to: int) -> str:
        query = request.GET.copy()
        query["p"] = str(to)
        return f"?{query.urlencode()}"

    return {
        "number": number,
        "previous": address(number - 1) if number > 1 else "",
        "next": address(number + 1) if has_next else "",
    }
