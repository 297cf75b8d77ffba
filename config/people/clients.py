"""Where a request comes from: the address before our own proxies, and its browser."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

LONGEST_AGENT = 200


def address_of(request: HttpRequest) -> str:
    """Return the client's address; what it claims itself about it is not believed."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    told = passed[-proxies] if 0 < proxies <= len(passed) else ""
    for candidate in (told, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ip_address(candidate.strip()))
        except ValueError:
            continue
    return "unknown"


def agent_of(request: HttpRequest) -> str:
    """Return what the browser calls itself."""
    return request.headers.get("User-Agent", "").replace("\0", "")[:LONGEST_AGENT]


def origin_of(request: HttpRequest) -> str:
    """Return the address under which the request reached us, which is one of ALLOWED_HOSTS."""
    return f"{request.scheme}://{request.get_host()}"
