"""`make test` deals tests out to processes by file, and all that drive a browser to one."""

import os

import pytest


def test_tests_of_a_file_go_to_one_process(request: pytest.FixtureRequest) -> None:
    expected = "tests/house/test_grouping.py" if "PYTEST_XDIST_WORKER" in os.environ else ""
    assert request.node.nodeid.partition("@")[2] == expected
