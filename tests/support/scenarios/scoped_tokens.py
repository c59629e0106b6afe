"""Scoped tokens, made through the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.auth.scoped_tokens import new_secret
from core.auth.scopes import Scope
from core.auth.tokens import utc_now
from core.ids import AccessTokenId
from datastore.auth.access_tokens import AccessTokenRecord
from schema.types.users import decode_user_id
from tests.support.people import PASSWORD, Person

ERRORS = "userErrors { code field message }"
CREATE = f"""mutation($input: CreateAccessTokenInput!) {{ createAccessToken(input: $input) {{
  accessToken {{ id name scopes origin createdAt expiresAt lastUsedAt }} secret {ERRORS} }} }}"""
REVOKE = f"mutation($id: ID!) {{ revokeAccessToken(id: $id) {{ deletedId {ERRORS} }} }}"
TOKENS = "{ viewer { accessTokens { id name scopes origin createdAt expiresAt lastUsedAt } } }"


def wanted(*scopes: str, **more: Any) -> dict[str, Any]:
    """Input of createAccessToken."""
    return {"name": "a program", "scopes": list(scopes), "password": PASSWORD, **more}


async def created(person: Person, *scopes: str, **more: Any) -> tuple[str, Person]:
    """The id of a new token, and the person as who presents its secret."""
    payload = await person.act(CREATE, input=wanted(*scopes, **more))
    return payload["accessToken"]["id"], replace(person, token=payload["secret"])


async def scoped(person: Person, *scopes: str, **more: Any) -> Person:
    return (await created(person, *scopes, **more))[1]


async def short_lived(person: Person, scope: Scope, seconds: float) -> Person:
    """The person with a token that runs out so soon; the API makes none for less than a day."""
    stores, now = person.service.stores, utc_now()
    token_id = AccessTokenId(stores.ids())
    secret, digest = new_secret(token_id)
    ends = now + timedelta(seconds=seconds)
    record = AccessTokenRecord(token_id, decode_user_id(person.id), "short", (scope,), digest, None, now, ends)
    assert await stores.users.access_tokens.insert(record)
    return replace(person, token=secret)


def number_of(holder: Person) -> AccessTokenId:
    """The id of the token that the person presents."""
    return AccessTokenId(int(holder.token.split("_")[1]))
