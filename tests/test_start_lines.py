"""What `python app.py` prints when everything is there."""

import pytest

from launch import start_lines


@pytest.mark.parametrize("is_prod", [False, True])
def test_start_lines_tell_what_is_there(*, is_prod: bool) -> None:
    lines = start_lines(8001, is_prod=is_prod)
    assert [line for line in lines if line.startswith("web page")] == ["web page      http://127.0.0.1:8001"]
    assert [line for line in lines if line.startswith("API")] == ["API           http://127.0.0.1:8001/graphql"]
    assert any(line.startswith("demo sign in: handle demo, password ") for line in lines)
    assert any("GraphiQL" in line for line in lines) is not is_prod
    assert lines[-1] == "Ctrl-C stops all of it."
