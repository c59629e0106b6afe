"""Addresses of push services: what is taken, and what would lead into a private network."""

import pytest

from core.push.endpoints import EndpointError, is_public, parse_endpoint

TAKEN = {
    "https://fcm.googleapis.com/fcm/send/a:b-c_d": "https://fcm.googleapis.com",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAA": "https://updates.push.services.mozilla.com",
    "https://web.push.apple.com:443/QNo": "https://web.push.apple.com",
    "https://wns2-par02p.notify.windows.com/w/?token=Bw%3d": "https://wns2-par02p.notify.windows.com",
    "https://1.1.1.1/x": "https://1.1.1.1",
    "https://[2606:4700:4700::1111]/x": "https://[2606:4700:4700::1111]",
}
REFUSED = (
    *("", "push", "//push.example.net/x", "http://push.example.net/x", "ftp://push.example.net/x", "data:,x"),
    *("https://push.example.net:8443/x", "https://push.example.net:99999/x", "https://push.example.net:x/"),
    *("https://user@push.example.net/x", "https://push.example.net@evil.net/", "https://push.example.net/#x"),
    *("https://push.example.net/a b", "https://push.example.net/\n", "https://push.example.net\\@10.0.0.1/"),
    *("https://localhost/x", "https://push/x", "https://a.localhost/x", "https://db.internal/x", "https://nas.local/"),
    *("https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
    *("https://10.0.0.1/", "https://172.16.9.9/", "https://192.168.1.1/", "https://169.254.169.254/latest"),
    *("https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://255.255.255.255/", "https://[::]/"),
    *("https://[::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fd00::1]/", "https://[ff02::1]/"),
    *("https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::1"),
    *("https://push.example.net./x", "https://-a.example.net/", "https://exämple.net/", f"https://a.net/{'x' * 2_000}"),
)


def test_addresses_of_push_services_are_taken() -> None:
    for text, origin in TAKEN.items():
        found = parse_endpoint(text)
        assert (found.url, found.origin, found.port, found.is_secure) == (text, origin, 443, True)


def test_what_leads_elsewhere_is_refused() -> None:
    for text in REFUSED:
        assert is_refused(text), text


def is_refused(text: str) -> bool:
    try:
        parse_endpoint(text)
    except EndpointError:
        return True
    return False


def test_loopback_is_for_development() -> None:
    for text in ("http://127.0.0.1:8080/x", "https://127.0.0.1:8080/x", "http://[::1]:8080/x"):
        assert parse_endpoint(text, allows_loopback=True).url == text
        with pytest.raises(EndpointError):
            parse_endpoint(text)
    for text in ("http://127.0.0.2:8080/", "http://localhost:8080/", "http://10.0.0.1:8080/", "http://127.0.0.1/"):
        with pytest.raises(EndpointError):
            parse_endpoint(text, allows_loopback=True)


def test_public_addresses() -> None:
    assert all(map(is_public, ("8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")))
    private = ("127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "fe80::1%eth0")
    assert not any(map(is_public, (*private, "", "localhost", "192.0.2.1", "239.0.0.1", "ff0e::1", "100.64.3.4")))
