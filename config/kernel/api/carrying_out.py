"""Carries an unsafe request out once: its retry gets the first answer again, to the letter."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from config.kernel import fingerprints, idempotency
from config.kernel.api import answers
from config.kernel.api.doors import caller_of
from config.kernel.idempotency import Answer


def once(
    request: Request, route: str, document: Mapping[str, Any], work: Callable[[], Answer]
) -> HttpResponse:
    """Run `work` under the request's Idempotency-Key, or repeat the answer kept under it.

    `route` says what is done to what, so that a key never means two things. Raises what
    `idempotency.once` and `work` raise; then nothing was done.
    """
    answer = idempotency.once(
        channel_id=caller_of(request).channel.id,
        key=idempotency.key_from(request.headers.get("Idempotency-Key")),
        fingerprint=fingerprints.of(route, document),
        work=work,
    )
    return answers.stored(answer)
