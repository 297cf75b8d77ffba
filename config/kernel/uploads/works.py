"""The jobs of each layout: check a file, book it, write an export."""

from collections.abc import Iterator
from functools import partial

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from config.kernel import jobs
from config.kernel.jobs.kinds import Params, Steps
from config.kernel.models import Upload
from config.kernel.uploads import booking, checking, exporting, layouts, starting
from config.kernel.uploads.columns import Text
from config.kernel.uploads.layouts import Behalf, Layout


def register(*found: Layout) -> None:
    """Name layouts and the jobs that work on their files; called when an app is ready."""
    layouts.register(*found)
    for layout in found:
        _steps(layout, starting.CHECK, _("Check a file: {title}"), layout.rights[0], _check)
        _steps(layout, starting.BOOK, _("Book a file: {title}"), layout.rights[0], _book)
        _steps(layout, starting.EXPORT, _("Export: {title}"), layout.view, partial(_export, layout))


def _steps(layout: Layout, action: str, label: Text, right: str, run: Steps) -> None:
    shown = format_lazy(label, title=layout.title)
    name = starting.kind(action, layout)
    jobs.steps(name, label=shown, permission=right, describe=_describe)(run)


def _check(work: jobs.Work) -> Iterator[None]:
    upload = _upload(work)
    yield from checking.run(upload=upload, behalf=_behalf(work, upload), work=work)


def _book(work: jobs.Work) -> Iterator[None]:
    upload = _upload(work)
    yield from booking.run(upload=upload, behalf=_behalf(work, upload), work=work)


def _export(layout: Layout, work: jobs.Work) -> Iterator[None]:
    behalf = Behalf(user=work.user, actor=work.actor, at=work.at)
    yield from exporting.write(layout=layout, behalf=behalf, work=work)


def _upload(work: jobs.Work) -> Upload:
    upload = Upload.objects.get(pk=work.params["upload"])
    if not layouts.of(upload.layout).may_upload(work.user):
        raise jobs.NotAllowed
    return upload


def _behalf(work: jobs.Work, upload: Upload) -> Behalf:
    return Behalf(
        user=work.user,
        actor=work.actor,
        at=work.at,
        upload_id=upload.pk,
        file_name=upload.file_name,
    )


def _describe(params: Params) -> str:
    return str(params.get("file", ""))
