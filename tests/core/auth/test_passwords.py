"""Password hashes: salted, verified, and False for anything that is no hash."""

from core.auth.passwords import hash_password, password_matches


def test_each_hash_of_a_password_differs_and_matches_it_only() -> None:
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert password_matches(one, "correct horse")
    assert password_matches(two, "correct horse")
    assert not password_matches(one, "Correct horse")


def test_text_that_is_no_hash_matches_nothing() -> None:
    assert not password_matches("", "")
    assert not password_matches("correct horse", "correct horse")
