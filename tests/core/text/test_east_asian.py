"""Chinese, Japanese and Korean are told apart by their letters."""

import pytest

from core.text.east_asian import east_asian_language, is_east_asian


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("", False),
        ("a crow", False),
        ("été", False),
        ("カラス", True),
        ("까마귀", True),
        ("乌鸦", True),
        ("the shop 乌 in a street of many words", False),
        ("乌鸦 rook", True),
    ],
)
def test_most_letters_decide(text: str, is_ours: bool) -> None:
    assert is_east_asian(text) is is_ours


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("까마귀가 날아간다", None, "ko"),
        ("カラスが飛ぶ", None, "ja"),
        ("東京都知事選挙の結果", None, "ja"),
        ("乌鸦飞过城市的上空", None, "zh"),
        ("烏鴉飛過城市的上空", None, "zh"),
        ("込", None, "ja"),
        ("大学", None, None),
        ("大学", "ja", "ja"),
        ("大学", "zh", "zh"),
        ("大学", "en", None),
        ("大学生大学生大", None, "zh"),
    ],
)
def test_letters_tell_the_language(text: str, hint: str | None, language: str | None) -> None:
    assert east_asian_language(text, hint) == language
