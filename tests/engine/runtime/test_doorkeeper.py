"""Second sight: a key is known once it was seen before, unless many others came between."""

from engine import Doorkeeper


def test_a_key_is_known_on_every_second_sight() -> None:
    is_second = Doorkeeper()
    assert [is_second("a"), is_second("b"), is_second("a"), is_second("a"), is_second("b")] == [
        *(False, False, True, False, True)
    ]


def test_the_latest_keys_are_remembered() -> None:
    is_second = Doorkeeper(2)
    assert not any(is_second(key) for key in "abc")
    assert [is_second("c"), is_second("a")] == [True, False]
