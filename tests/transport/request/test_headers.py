"""Security headers by kind of response."""

from collections.abc import Mapping

import pytest

from transport.request import headers

ALL = {
    "API": headers.API,
    "PAGE": headers.PAGE,
    "FILE": headers.FILE,
    "WIDGET_DEMO": headers.WIDGET_DEMO,
    "WIDGET": headers.WIDGET,
    "GRAPHIQL": headers.GRAPHIQL,
}


def policy_of(kind: Mapping[str, str]) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in kind["content-security-policy"].split(";"))
    return {name: value for name, _, value in directives}


@pytest.mark.parametrize("name", ALL)
def test_every_response_forbids_sniffing_and_framing_and_loads_nothing_by_default(name: str) -> None:
    kind = ALL[name]
    assert (kind["x-content-type-options"], kind["x-frame-options"]) == ("nosniff", "DENY")
    assert policy_of(kind)["default-src"] == "'none'"
    assert all(key == key.lower() for key in kind)


@pytest.mark.parametrize("name", ["PAGE", "WIDGET_DEMO", "GRAPHIQL"])
def test_a_page_runs_scripts_of_this_server_alone(name: str) -> None:
    policy = policy_of(ALL[name])
    assert (policy["script-src"], policy["connect-src"]) == ("'self'", "'self'")
    for directive in ("base-uri", "form-action", "frame-ancestors", "object-src"):
        assert policy[directive] == "'none'"


def test_only_graphiql_may_use_inline_styles() -> None:
    assert [name for name, kind in ALL.items() if "unsafe" in kind["content-security-policy"]] == ["GRAPHIQL"]
    assert policy_of(headers.GRAPHIQL)["style-src"] == "'self' 'unsafe-inline'"


def test_only_the_page_requires_trusted_types() -> None:
    trusted = [name for name, kind in ALL.items() if "require-trusted-types-for" in policy_of(kind)]
    assert trusted == ["PAGE"]
    assert policy_of(headers.PAGE)["trusted-types"] == "push-worker"


def test_only_the_widget_is_readable_by_other_sites() -> None:
    assert [name for name, kind in ALL.items() if "access-control-allow-origin" in kind] == ["WIDGET"]
    assert headers.WIDGET["cross-origin-resource-policy"] == "cross-origin"


def test_answers_are_not_cached_and_vary_by_who_asks() -> None:
    assert (headers.API["cache-control"], headers.API["vary"]) == ("no-store", "Accept, Authorization, Origin")
