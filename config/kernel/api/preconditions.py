"""If-Match and If-None-Match: what a caller has seen of the record it is about to change."""

import re
from dataclasses import dataclass

from django.http import HttpRequest

from config.kernel.api import problems

_VERSION = re.compile(r'"(\d{1,18})"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """The version a caller names, if any, or that there is nothing yet."""

    version: int | None = None
    nothing: bool = False


def of(request: HttpRequest) -> Seen:
    """Return what the caller says it has seen; raises 400 for what is no ETag of ours."""
    match, none_match = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if none_match is not None:
        if none_match.strip() != "*" or match is not None:
            raise problems.BadRequest("If-None-Match is understood as * only, and alone.")
        return Seen(nothing=True)
    if match is None:
        return Seen()
    version = _VERSION.fullmatch(match.strip())
    if version is None:
        raise problems.BadRequest('If-Match is one ETag as it was sent, such as "3".')
    return Seen(int(version.group(1)))


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'
