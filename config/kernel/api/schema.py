"""How the API describes its errors in OpenAPI; the doors name them beside their answers."""

from collections import defaultdict
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from pydantic import BaseModel, ConfigDict, Field

from config.kernel import errors, idempotency
from config.kernel.api import problems
from config.kernel.errors import DomainError


def text(
    name: str,
    description: str = "",
    *,
    pattern: str = r"^[^\x00]*$",
    longest: int = 200,
    header: bool = False,
    required: bool = False,
) -> OpenApiParameter:
    """Describe a text in an address or a header, with its limits."""
    return OpenApiParameter(
        name,
        {"type": "string", "pattern": pattern, "maxLength": longest},
        OpenApiParameter.HEADER if header else OpenApiParameter.QUERY,
        description=description,
        required=required,
    )


def _key(*, required: bool) -> OpenApiParameter:
    return text(
        "Idempotency-Key",
        "Printable ASCII; kept 30 days. The same key again gets the first answer.",
        pattern="^[!-~][ -~]*$",
        longest=255,
        header=True,
        required=required,
    )


KEY_MAY, KEY_MUST = _key(required=False), _key(required=True)
IF_MATCH = text(
    "If-Match",
    "The ETag you saw; when the record has another version now, nothing changes (412).",
    pattern=r'^"\d{1,18}"$',
    header=True,
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    enum=["*"],
    description="Make it, but change nothing that is there (412).",
)
CURSOR = text("cursor", "The `next` of the page before.", pattern=r"^[\w:-]*$", longest=1000)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    description="Rows a page: 50 unless told, at most 200.",
)


def request(name: str, value: object) -> OpenApiExample:
    """Return an example of a body that is sent."""
    return OpenApiExample(name, value=value, request_only=True)


class DoorSchema(AutoSchema):
    """Describes a door together with the scope it asks for."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation; `x-scope` names what the key needs."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        scope = getattr(self.view, "scopes", {}).get(self.method)
        return {**operation, "x-scope": str(scope)} if operation and scope else operation


class ChannelKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a channel signs in."""

    target_class = "config.kernel.api.authentication.ChannelKeyAuthentication"
    name = "channelKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """Return the scheme: a bearer key that starts with `kapell_`."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "kapell_…"}


class FaultOut(BaseModel):
    """One thing wrong with what was sent."""

    path: str = Field(examples=["$.lines[1].quantity"])
    code: str
    detail: str


class ProblemOut(BaseModel):
    """An RFC 9457 problem: decide by `code`, show `detail`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FaultOut] | None = None


# What any door may answer: the request, the key, the scope, the pace, the database.
EVERYWHERE: tuple[type[DomainError], ...] = (
    problems.BadRequest,
    problems.NotAuthenticated,
    problems.InvalidKey,
    problems.ScopeMissing,
    problems.NotAcceptable,
    problems.Throttled,
    errors.Busy,
)
# What a door that reads a body may answer besides.
WITH_BODY: tuple[type[DomainError], ...] = (
    problems.TooLarge,
    problems.UnsupportedMediaType,
    errors.Invalid,
)
# What a request that is carried out once may be told about its key.
WITH_KEY: tuple[type[DomainError], ...] = (
    idempotency.KeyMissing,
    idempotency.KeyMalformed,
    idempotency.KeyReused,
    idempotency.KeyInUse,
)

_refused: set[type[DomainError]] = set()


def refusals(*kinds: type[DomainError]) -> dict[Any, OpenApiResponse]:
    """Return the responses of these refusals and of those that any door may answer, by status.

    What is named here is what the catalogue of errors tells integrators about.
    """
    by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
    for kind in dict.fromkeys((*EVERYWHERE, *kinds)):
        by_status[kind.status].append(kind)
        _refused.add(kind)
    return {
        (status, "application/problem+json"): OpenApiResponse(
            ProblemOut, " ".join(f"`{kind.code}`: {kind.title}" for kind in of_status)
        )
        for status, of_status in sorted(by_status.items())
    }


def refused() -> set[type[DomainError]]:
    """Return every refusal that some door has named."""
    return set(_refused)
