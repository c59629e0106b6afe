"""Records of users: an account comes back from its document, the document has the keys that look-ups use."""

from datetime import date

import pytest

from core.ids import UserId
from datastore.records.users import AccountRecord, UserRecord, to_account, to_document, to_profile

ADA = UserRecord(UserId(7), "Ada_Rook", "Ada", "Nests in elms", None, is_protected=True)
ACCOUNT = AccountRecord(ADA, "Ada@Example.org", "hash", date(1990, 2, 28))


@pytest.mark.parametrize("account", [ACCOUNT, AccountRecord(ADA, "a@example.org", "hash")])
def test_an_account_comes_back_from_its_document(account: AccountRecord) -> None:
    assert to_account(to_document(account)) == account


def test_a_profile_is_read_without_the_private_part() -> None:
    document = to_document(ACCOUNT)
    public = {"_id", *ADA.__struct_fields__}
    assert to_profile({name: value for name, value in document.items() if name in public}) == ADA


def test_a_new_document_has_lower_case_keys_and_counts_of_zero() -> None:
    document = to_document(ACCOUNT)
    assert (document["handle"], document["handle_key"]) == ("Ada_Rook", "ada_rook")
    assert (document["email"], document["email_key"]) == ("Ada@Example.org", "ada@example.org")
    assert document["date_of_birth"] == "1990-02-28"
    assert document["counts"] == {"followers": 0, "following": 0, "tweets": 0}
