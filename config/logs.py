"""Structured logs: one line per fact with the request's id, secrets and e-mail blackened."""

import logging
import logging.config
import re
import sys
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase

SECRETS = re.compile(
    r"kapell_[A-Za-z0-9_-]{8,}|whsec_[A-Za-z0-9+/=]{8,}"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|(?<=:)[^:@/\s]+(?=@[\w.-]+[:/])"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
)
SECRET_NAMES = re.compile(r"(?i)password|secret|token|authorization|cookie|api_key|e_?mail")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
BLACK = "[redacted]"
QUIETER = {
    "django.db.backends": "INFO",
    "django.request": "ERROR",  # a refusal is an answer, not a fault
    "celery.beat": "WARNING",  # every few seconds a task is sent,
    "celery.worker.strategy": "WARNING",  # received
    "celery.app.trace": "WARNING",  # and done; failures are errors
}


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blackens what must not be in a log, by the name of the field and by its look."""
    for name, value in event.items():
        if SECRET_NAMES.search(name):
            event[name] = BLACK
        elif isinstance(value, str):
            event[name] = SECRETS.sub(BLACK, value)
    return event


def configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """The logging dictionary: everything through structlog to standard error."""
    final: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _enrichers(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            final,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": [], "propagate": True},
            **{name: {"level": least} for name, least in QUIETER.items()},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Sets up the standard library's logging and structlog on top of it."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_enrichers(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _enrichers() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


class RequestMiddleware:
    """Gives each request an id (the caller's if it sent a sane one) and returns it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response
