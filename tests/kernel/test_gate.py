"""No address that leads inside is ever called, however it is spelt."""

import socket
import threading

import pytest

from config.kernel import gate

INSIDE = [
    "0.0.0.1", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "0.0.0.0",  # noqa: S104 - nobody binds to it
    "::", "::1", "::127.0.0.1", "::a00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:0", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:1ff:ffff::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "3fff:fff::1", "5f00::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%2", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2a00:1450:4009::200e",
           "::ffff:8.8.8.8"]  # fmt: skip


@pytest.fixture
def resolves(monkeypatch):
    """Let every name lead to these addresses."""

    def to(*addresses):
        def answer(_host, port, **_options):
            return [(socket.AF_INET, 1, 6, "", (one, port)) for one in addresses]

        monkeypatch.setattr(gate.socket, "getaddrinfo", answer)

    return to


def refused(address, **limits):
    with pytest.raises(gate.Forbidden) as refusal:
        gate.judge(address, **limits)
    return refusal.value.reason


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_plain_and_behind_a_name(address, resolves):
    assert not gate.is_public(address)
    resolves(address)
    assert refused("https://shop.example/hook") == "not_public"


@pytest.mark.parametrize("address", [one for one in INSIDE if "%" not in one])
def test_an_address_inside_is_refused_as_a_host(address):
    host = f"[{address}]" if ":" in address else address
    assert refused(f"https://{host}/hook") == "not_public"


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_may_be_called(address, resolves):
    resolves(address)
    target = gate.judge("https://shop.example/hook?a=1")
    assert (target.host, target.port, target.addresses) == ("shop.example", 443, (address,))
    assert str(target.url) == "https://shop.example/hook?a=1"


@pytest.mark.parametrize("inside", ["10.0.0.1", "::1"])
@pytest.mark.parametrize("first", [True, False])
def test_one_address_inside_among_many_is_enough(resolves, inside, first):
    resolves(*([inside, *OUTSIDE] if first else [*OUTSIDE, inside]))
    assert refused("https://shop.example/hook") == "not_public"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "malformed"),
        ("shop.example/hook", "malformed"),
        ("//shop.example/hook", "malformed"),
        ("https:/shop.example", "malformed"),
        ("https:///hook", "malformed"),
        ("https://shop example/", "malformed"),
        ("https://shop.example/a b", "malformed"),
        ("https://shop.example\\@127.0.0.1/", "malformed"),
        ("https://shop\t.example/", "malformed"),
        ("https://shop.example/\r\nX: y", "malformed"),
        ("https://shop.example/\u202e", "malformed"),
        ("https://shop.example:99999999/", "port"),
        ("https://shop.example/" + "x" * 2000, "malformed"),
        ("https://①②⑦.⓪.⓪.①/", "malformed"),
        ("ftp://shop.example/", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("gopher://shop.example/", "malformed"),
        ("javascript:alert(1)", "malformed"),
        ("http://shop.example/", "not_https"),
        ("http://127.0.0.1/", "not_https"),
        ("https://shop.example:8443/", "port"),
        ("https://shop.example:0/", "port"),
        ("https://127.0.0.1:22/", "port"),
        ("https://a@127.0.0.1/", "user_info"),
        ("https://shop.example:x@127.0.0.1/", "user_info"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0x7f.1/", "host"),
        ("https://017700000001/", "host"),
        ("https://127.1/", "host"),
        ("https://127.0.0.1./", "host"),
        ("https://0177.0.0.1/", "malformed"),
        ("https://shop.example.0x1/", "host"),
        ("https://%31%32%37.0.0.1/", "host"),
        ("https://127.0.0.1%00.example.com/", "host"),
        ("https://[fe80::1%25eth0]/", "host"),
        ("https://-shop.example/", "host"),
        ("https://shop..example/", "host"),
        ("https://127。0。0。1/", "not_public"),
        ("https://[::ffff:7f00:1]/", "not_public"),
        ("https://[0:0:0:0:0:0:0:1]/", "not_public"),
    ],
)
def test_odd_spellings_are_refused_with_a_reason(address, reason):
    assert refused(address) == reason


def test_a_refusal_is_told_with_its_reason():
    with pytest.raises(gate.Forbidden) as refusal:
        gate.judge("https://a@shop.example/")
    assert (refusal.value.code, refusal.value.status) == ("address_not_allowed", 422)
    assert refusal.value.params == {"reason": "user_info"}
    assert refusal.value.detail == "Leave user name and password out of the address."


def test_an_international_name_is_asked_for_in_its_wire_form(resolves):
    resolves("93.184.216.34")
    assert gate.judge("https://bücher.example/hook").host == "xn--bcher-kva.example"


def test_a_fragment_is_left_behind(resolves):
    resolves("93.184.216.34")
    assert str(gate.judge("https://shop.example/hook#part").url) == "https://shop.example/hook"


def test_a_name_nobody_knows_is_told_so(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(gate.socket, "getaddrinfo", unknown)
    assert refused("https://shop.example/") == "unresolved"


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    let_go, asking = threading.Event(), []

    def hanging(_host, port, **_options):
        asking.append(threading.current_thread())
        let_go.wait(60)
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(gate.socket, "getaddrinfo", hanging)
    try:
        assert refused("https://shop.example/", within=0.1) == "unresolved"
        assert [thread.is_alive() for thread in asking] == [True]
    finally:
        let_go.set()
        for thread in asking:  # one left behind would end in the middle of another test
            thread.join()


class TestPlacesInside:
    @pytest.fixture(autouse=True)
    def _allowed(self, settings):
        settings.OUTBOUND_ALLOWED = frozenset({"erp.internal:8443", "127.0.0.1:80", "[::1]:9000"})

    @pytest.mark.parametrize(
        "address", ["https://erp.internal:8443/x", "http://erp.internal:8443/x"]
    )
    def test_a_named_place_may_lie_inside(self, address, resolves):
        resolves("10.0.0.7")
        assert gate.judge(address).addresses == ("10.0.0.7",)

    def test_an_address_may_be_named_too(self):
        assert gate.judge("http://127.0.0.1/x").addresses == ("127.0.0.1",)
        assert gate.judge("http://[::1]:9000/x").addresses == ("::1",)

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("https://erp.internal/x", "not_public"),
            ("https://erp.internal:8444/x", "port"),
            ("http://other.internal:8443/x", "not_https"),
            ("https://a@erp.internal:8443/x", "user_info"),
            ("http://127.0.0.1:81/", "not_https"),
        ],
    )
    def test_nothing_else_is(self, address, reason, resolves):
        resolves("10.0.0.7")
        assert refused(address) == reason
