"""Files to import: parsed lines and reported ones."""

from pathlib import Path

import pytest

from datastore.admin.importer.sources import BadLine, BadLineError, GraphEdge, parse_edge, read_lines
from tests.support.scenarios.real_data import GRAPH, needs_real_data, refuse


@pytest.mark.parametrize("line", [b"3 17\n", b"3\t17\r\n", b"  3   17  ", b"03 017\n"])
def test_line_of_two_numbers_is_an_edge(line: bytes) -> None:
    assert parse_edge(line) == GraphEdge(follower=3, followee=17)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"3\n", "it is not two numbers: `follower followee`"),
        (b"3 17 0.5\n", "it is not two numbers: `follower followee`"),
        (b"3 -17\n", "it is not two numbers: `follower followee`"),
        (b"3,17\n", "it is not two numbers: `follower followee`"),
        (b"# 3 17\n", "it is not two numbers: `follower followee`"),
        (b"3 \xd9\xa1\n", "it is not two numbers: `follower followee`"),
        (b"3 12345678901\n", "a number has 10 digits at most"),
        (b"3 3\n", "nobody follows themselves"),
    ],
)
def test_bad_edge_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(BadLineError) as refused:
        parse_edge(line)
    assert str(refused.value) == reason


def test_bad_lines_are_told_with_their_number_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "some.edges"
    path.write_bytes(b"0 1\nzero one\n\n2 3\n4 4\n5 6")
    bad: list[BadLine] = []
    assert list(read_lines(path, parse_edge, bad.append)) == [(0, 1), (2, 3), (5, 6)]
    assert [str(line) for line in bad] == [
        f"{path}, line 2: it is not two numbers: `follower followee`",
        f"{path}, line 5: nobody follows themselves",
    ]


@pytest.mark.parametrize(
    ("limit", "taken"), [(0, []), (1, [(0, 1)]), (3, [(0, 1), (2, 3)]), (9, [(0, 1), (2, 3), (5, 6)])]
)
def test_limit_counts_lines_good_or_bad(tmp_path: Path, limit: int, taken: list[tuple[int, int]]) -> None:
    path = tmp_path / "some.edges"
    path.write_bytes(b"0 1\nbad\n2 3\n5 6\n")
    assert list(read_lines(path, parse_edge, lambda _: None, limit=limit)) == taken


@needs_real_data
def test_all_of_the_real_graph_is_taken() -> None:
    edges = list(read_lines(GRAPH, parse_edge, refuse))
    assert len(edges) == 18_812
    assert {node for edge in edges for node in edge} == set(range(962))
