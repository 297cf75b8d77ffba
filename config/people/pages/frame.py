"""The frame of these pages: the console's, never stored by a browser."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/admin/"


def page(
    request: HttpRequest, template: str, title: Any, *, status: int = 200, **context: Any
) -> TemplateResponse:
    """Return a page of ours; `form` with errors makes it a 422 unless said otherwise."""
    form = context.get("form")
    if status == 200 and isinstance(form, forms.Form) and form.errors:
        status = 422
    whole = {**admin.site.each_context(request), "title": title, **context}
    answer = TemplateResponse(request, template, whole, status=status)
    add_never_cache_headers(answer)
    return answer


def way_on(request: HttpRequest) -> str:
    """Return where the reader wanted to go, if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith(HOME) else HOME
