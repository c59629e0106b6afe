"""Each role beside each other one, and each decision on each kind of subject."""

from core.moderation import ModerationAction, SubjectKind, fits
from core.roles import Role


def test_roles_rise() -> None:
    allowed = {(one.value, other.value) for one in Role for other in Role if one.includes(other)}
    assert allowed == {
        ("MEMBER", "MEMBER"),
        ("MODERATOR", "MEMBER"),
        ("MODERATOR", "MODERATOR"),
        ("ADMIN", "MEMBER"),
        ("ADMIN", "MODERATOR"),
        ("ADMIN", "ADMIN"),
    }


def test_decisions_fit_their_subjects() -> None:
    fitting = {kind.value: {one.value for one in ModerationAction if fits(one, kind)} for kind in SubjectKind}
    assert fitting == {
        "Tweet": {"WARN", "MARK_SENSITIVE", "REMOVE"},
        "User": {"WARN", "LIMIT", "SUSPEND"},
    }
