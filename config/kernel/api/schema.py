"""How the API describes its errors in OpenAPI; the doors name them beside their answers."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from pydantic import BaseModel, ConfigDict, Field

KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters; kept 30 days. A retry gets the first answer.",
)
CURSOR = OpenApiParameter("cursor", str, description="The `next` of the page before.")
LIMIT = OpenApiParameter("limit", int, description="Rows a page: 1 to 200, 50 unless told.")


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


def problems(**codes: str) -> dict[Any, OpenApiResponse]:
    """Return the responses of problems by status, such as `_409="already_shipped"`."""
    common = {
        "_400": "malformed",
        "_401": "not_authenticated, invalid_key",
        "_403": "not_allowed",
        "_503": "busy: try again after Retry-After",
    }
    return {
        (int(status.lstrip("_")), "application/problem+json"): OpenApiResponse(ProblemOut, meaning)
        for status, meaning in {**common, **codes}.items()
    }
