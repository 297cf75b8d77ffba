"""Which addresses the system may call: HTTPS on port 443, and public wherever the name leads.

An address is judged when it is saved and again before every call, and the call goes to the very
addresses that were judged: a name that leads elsewhere a moment later gains nothing. One parser
reads the address, one list says what is not public. Places inside that the system shall call all
the same are named in the setting `OUTBOUND_ALLOWED`, host and port together.
"""

import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.kernel import errors

LONGEST = 2000
PATIENCE = 5.0
PORTS = {"https": 443, "http": 80}

# Beside whatever Python does not call global; it is too trusting with several of these.
DENIED = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}\.?")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)\.?")

REASONS: dict[str, Any] = {
    "malformed": _("This is not a web address."),
    "not_https": _("The address must begin with https://."),
    "user_info": _("Leave user name and password out of the address."),
    "port": _("Only port 443 may be called."),
    "host": _("Write the host as a name, or as a plain IP address."),
    "unresolved": _("The name of the host is not known."),
    "not_public": _("The host lies inside a private network."),
}


class Forbidden(errors.DomainError):
    """An address that may not be called; `reason` is a key of `REASONS`."""

    code, status = "address_not_allowed", 422
    title = "This address may not be called."

    def __init__(self, reason: str) -> None:
        super().__init__(str(REASONS[reason]), reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be called, and where its host lies at this moment."""

    url: httpx.URL
    host: str
    port: int
    addresses: tuple[str, ...]


def judge(address: str, *, within: float = PATIENCE) -> Target:
    """Return where an address leads, or raise `Forbidden`; asks the network for the host's name.

    `within` bounds the wait for the name in seconds.
    """
    url = read(address)
    host, port = url.raw_host.decode(), url.port or PORTS[url.scheme]
    found = _look_up(host, port, within)
    if not found:
        raise Forbidden("unresolved")
    if not is_allowed(host, port) and not all(map(is_public, found)):
        raise Forbidden("not_public")
    return Target(url, host, port, tuple(found))


def read(address: str) -> httpx.URL:
    """Return an address, parsed once, or raise `Forbidden` for its form; asks nobody."""
    if len(address) > LONGEST or not address.isprintable() or re.search(r"[\s\\]", address):
        raise Forbidden("malformed")
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise Forbidden("malformed") from None
    host = url.raw_host.decode()
    if url.scheme not in PORTS or not host:
        raise Forbidden("malformed")
    if url.userinfo:
        raise Forbidden("user_info")
    _check_host(host)
    if not is_allowed(host, url.port or PORTS[url.scheme]):
        _check_place(url)
    return url.copy_with(fragment=None)


def is_allowed(host: str, port: int) -> bool:
    """Tell whether host and port are named in the setting, so that they may lie inside."""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" in settings.OUTBOUND_ALLOWED


def is_public(address: str) -> bool:
    """Tell whether an IP address is one that anybody on the internet could reach."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_global and not any(found in net for net in DENIED)


def _check_host(host: str) -> None:
    """A name or a plain IP address: no number in disguise, no zone, nothing to decode."""
    try:
        found = ip_address(host)
    except ValueError:
        if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            raise Forbidden("host") from None
    else:
        if getattr(found, "scope_id", None):
            raise Forbidden("host")


def _check_place(url: httpx.URL) -> None:
    if url.scheme != "https":
        raise Forbidden("not_https")
    if url.port not in {None, 443}:
        raise Forbidden("port")


def _look_up(host: str, port: int, within: float) -> Sequence[str]:
    """Return every address of a host, each once; none when nobody answers in time.

    The system's resolver cannot be told how long to take, hence the thread.
    """
    answer: list[str] = []
    asking = threading.Thread(target=_ask, args=(host, port, answer.extend), daemon=True)
    asking.start()
    asking.join(max(within, 0))
    return tuple(dict.fromkeys(answer)) if not asking.is_alive() else ()


def _ask(host: str, port: int, tell: Callable[[list[str]], None]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    tell([str(entry[4][0]) for entry in found])
