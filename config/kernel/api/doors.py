"""The door every address of the API is: who may pass is decided here and nowhere else."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from config.kernel import errors, pace
from config.kernel.api import problems
from config.kernel.callers import Caller
from config.kernel.pace import Standing
from config.kernel.scopes import Scope


class HasScope(BasePermission):
    """Lets pass who holds the scope that the door names for the method.

    A method without a scope is closed, whatever the door could do with it.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether somebody calls; raises `ScopeMissing`, `MethodNotAllowed`."""
        caller: Any = request.user
        if not isinstance(caller, Caller):
            return False
        needed = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if needed is None:
            raise MethodNotAllowed(str(request.method))
        if needed not in caller.scopes:
            raise problems.ScopeMissing(scope=str(needed))
        return True


class Door(APIView):
    """A view of the API; `scopes` names what a key needs for each method it takes."""

    permission_classes = (HasScope,)
    scopes: ClassVar[Mapping[str, Scope]] = {}
    standing: Standing | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the caller pass or not; nothing has a name that PostgreSQL cannot hold."""
        super().initial(request, *args, **kwargs)
        if any("\x00" in name for name in kwargs.values()):
            raise errors.NotFound

    def check_throttles(self, request: Request) -> None:
        """Count the request; raises `Throttled` for a key that makes too many."""
        caller = caller_of(request)
        self.standing = pace.count(caller.key_id, caller.channel.requests_per_minute)
        if self.standing and self.standing.is_over:
            raise problems.Throttled(retry_after=self.standing.resets_in)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell the caller how much is left (draft-ietf-httpapi-ratelimit-headers)."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.standing:
            left, seconds = self.standing.remaining, self.standing.resets_in
            answer.headers["RateLimit-Policy"] = f'"key";q={self.standing.limit};w={pace.WINDOW}'
            answer.headers["RateLimit"] = f'"key";r={left};t={seconds}'
        return answer

    @property
    def allowed_methods(self) -> list[str]:
        """Return the methods that a 405 names."""
        return [*self.scopes, "HEAD"] if "GET" in self.scopes else [*self.scopes]


def caller_of(request: Request) -> Caller:
    """Return who calls; behind a door nobody else gets here."""
    return cast(Caller, request.user)
