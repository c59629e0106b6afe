"""Links: what counts as one, where it ends, and look-alikes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.tables.tlds import ASCII_TLDS, UNICODE_TLDS
from core.text.urls import Url, find_urls


def urls(text: str) -> list[str]:
    return [url.url for url in find_urls(text)]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://www.example.org/",
        "HTTPS://Example.ORG/Path",
        "https://example.org:8443/a/b.html",
        "https://example.org?q=1",
        "https://example.org/?q=a+b&c=%20;d=[1]#frag",
        "https://example.org/#!/room",
        "https://example.org/~alice/a,b;c.html",
        "https://example.org/wiki/Rook_(bird)",
        "https://example.org/a(b(c)d)/e",
        "https://example.org/grüße/путь/a\u2013b",
        "https://example.org/trailing-",
        "https://example.org/search?q=(x)&y=-",
        "https://a.b.c.d.example.co.uk/x",
        "https://under_score.and-dash.example.org",
        "https://x.de",
        "https://bücher.de/seite",
        "https://鳥.日本語.jp/",
        "https://пример.рф/путь",
        "https://ПРИМЕР.РФ",
        "https://☃.net",
        "https://xn--bcher-kva.example.net",
        "https://example.xn--p1ai/x",
        "https://example.vermögensberatung/x",
    ],
)
def test_a_link_with_a_scheme_is_found_whole(url: str) -> None:
    assert find_urls(f"look: {url} there") == [Url(url, 6, 6 + len(url))]


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "www.example.co.uk/path?x=1#y",
        "Example.COM",
        "t.co",
        "t.co/abc",
        "is.gd/x",
        "example.org:8080/x",
        "example.org?q=1",
        "with-dash.org",
        "münchen.de/plan",
        "4chan.org",
        "example.みんな",
        "example.рф",
        "twitch.tv",
    ],
)
def test_a_host_under_a_known_domain_is_a_link_without_a_scheme(url: str) -> None:
    assert find_urls(f"look: {url} there") == [Url(url, 6, 6 + len(url))]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("http://localhost http://example http://", id="no dot"),
        pytest.param("http://example.notadomain report.docx a.b", id="no known domain"),
        pytest.param("http://192.168.0.1/ 3.14 v1.2.3", id="numbers"),
        pytest.param("wait...what e.g. i.e. U.S.A. p.m.", id="abbreviations and dots"),
        pytest.param("one. two . three .com", id="dots between spaces"),
        pytest.param("alice@example.org a.b@example.org alice+x@example.org", id="e-mail addresses"),
        pytest.param("alice.de@example.org", id="an e-mail address that begins like a host"),
        pytest.param("@example.org #example.org $example.org \uff20example.org \uff03example.org", id="after a sign"),
        pytest.param("@http://example.org #http://example.org $http://example.org", id="a scheme after a sign"),
        pytest.param("-example.org _example.org .example.org /example.org", id="after what belongs to a host"),
        pytest.param("ftp://example.org //example.org xhttp://example.org", id="another scheme"),
        pytest.param("http://-example.org http://example-.org http://_a.example.org", id="labels that begin or end so"),
        pytest.param("http://exam_ple.org a_b.org http://a._b.org", id="underscore in the domain name"),
        pytest.param("http://example.org-and-on http://example.org+x example.org-x", id="a domain that goes on"),
        pytest.param("archive.tar.bz2 setup.py3", id="a domain that a digit goes on"),
        pytest.param("http://example..org", id="an empty label"),
        pytest.param("http://xn--bücher.org", id="encoded and not"),
        pytest.param(f"http://{'a' * 64}.org {'a' * 64}.org", id="a label over 63 bytes"),
        pytest.param(f"http://{'鳥' * 60}.jp", id="a label over 63 bytes once encoded"),
        pytest.param(f"http://{'鳥' * 64}.jp", id="a label over 63 characters"),
        pytest.param(f"https://t.co/{'a' * 41}", id="a t.co name over 40"),
        pytest.param(f"https://example.org/{'a' * 4096}", id="over 4096 in all"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_link(text: str) -> None:
    assert urls(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("see example.org.", ["example.org"], id="full stop after a host"),
        pytest.param("see example.org/a.", ["example.org/a"], id="full stop after a path"),
        pytest.param("example.org/a?! example.org/b...", ["example.org/a", "example.org/b"], id="more of them"),
        pytest.param("example.org/a?b=c!? ok", ["example.org/a?b=c"], id="after a query"),
        pytest.param("example.org/? ok", ["example.org/"], id="a question"),
        pytest.param("example.org/!!!", ["example.org/"], id="only the slash stays"),
        pytest.param(
            "(example.org/a) [http://example.org/b]", ["example.org/a", "http://example.org/b"], id="brackets"
        ),
        pytest.param("“example.org/a”, 'http://example.org/b'", ["example.org/a", "http://example.org/b"], id="quotes"),
        pytest.param("(http://example.org/wiki/Rook_(bird))", ["http://example.org/wiki/Rook_(bird)"], id="balanced"),
        pytest.param("example.org/a(b", ["example.org/a"], id="a parenthesis left open"),
        pytest.param("example.org/a(b(c(d)))", ["example.org/a"], id="nested too deep"),
        pytest.param("example.org: this, example.com; that", ["example.org", "example.com"], id="colon, semicolon"),
        pytest.param("example.org/a|b:c", ["example.org/a|b:c"], id="signs within a path"),
        pytest.param(
            "http://example.org/a\nb http://example.com\n", ["http://example.org/a", "http://example.com"], id="lines"
        ),
        pytest.param("http://example.com_old", ["http://example.com"], id="an underscore ends a domain"),
        pytest.param("example.com.nonsense", ["example.com"], id="the longest host that there is"),
        pytest.param("sub_domain.example.com/a_b", ["domain.example.com/a_b"], id="an underscore without a scheme"),
        pytest.param("a.b_c__d-e.example.com", ["d-e.example.com"], id="the last of several underscores"),
        pytest.param("b.co_d.example.com", ["b.co", "d.example.com"], id="hosts on both sides of an underscore"),
        pytest.param("a.b_c.example.com.d_e.org", ["c.example.com"], id="none in the domain name"),
        pytest.param("http://b.co_d.example.com", ["http://b.co_d.example.com"], id="an underscore behind a scheme"),
    ],
)
def test_punctuation_around_a_link_stays_outside(text: str, expected: list[str]) -> None:
    assert urls(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("これはexample.comです", ["example.com"]),
        ("見てhttps://example.com/aを", ["https://example.com/a"]),
        ("見て（https://example.com/a）次の.comも", ["https://example.com/a"]),
        ("http://example.com。次の.com", ["http://example.com"]),
        ("example.com今example.net/x한국t.co/y", ["example.com", "example.net/x", "t.co/y"]),
        ("http://example.com次の言葉", ["http://example.com"]),
        ("example.みんなのもの", ["example.みんな"]),
        ("\u2067example.com\u2069 \u202ahttps://example.net/\u202c", ["example.com", "https://example.net/"]),
    ],
)
def test_a_link_ends_where_another_script_begins(text: str, expected: list[str]) -> None:
    assert urls(text) == expected


def test_a_shortened_link_ends_with_its_name() -> None:
    text = "https://t.co/Ab1's https://t.co/Ab2-x http://t.co/Ab3/more https://t.co/Ab4?amp=1."
    assert urls(text) == ["https://t.co/Ab1", "https://t.co/Ab2", "http://t.co/Ab3", "https://t.co/Ab4?amp=1"]


def test_a_link_in_the_query_of_a_link_is_no_second_one() -> None:
    assert urls("http://example.org/?to=https://example.com/x") == ["http://example.org/?to=https://example.com/x"]


def test_links_after_a_broken_one_are_found() -> None:
    assert urls("http:// example.org http://http://example.com http://nowhere example.net") == [
        "example.org",
        "http://example.com",
        "example.net",
    ]


def test_a_link_of_4096_characters_is_one_and_its_missing_scheme_counts() -> None:
    path = "a" * (4096 - len("https://example.org/"))
    assert urls(f"https://example.org/{path}") == [f"https://example.org/{path}"]
    assert urls(f"example.org/{path}") == [f"example.org/{path}"]
    assert urls(f"example.org/{path}a") == []


@given(st.sampled_from(sorted(ASCII_TLDS | UNICODE_TLDS)))
def test_every_known_domain_makes_a_link(tld: str) -> None:
    assert urls(f"http://example.{tld}") == [f"http://example.{tld}"]
    assert urls(f"go to example.{tld}/x now") == [f"example.{tld}/x"]
