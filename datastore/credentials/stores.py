"""Stores of what lets somebody into an account, and back into it."""

from dataclasses import dataclass

from datastore.credentials.addresses import AddressStore
from datastore.credentials.devices import KnownDeviceStore
from datastore.credentials.handles import HandleStore
from datastore.credentials.mail_tokens import MailTokenStore
from datastore.credentials.passwords import PasswordStore
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.users.stores import UserStores


@dataclass(frozen=True, slots=True)
class CredentialStores:
    mail_tokens: MailTokenStore
    addresses: AddressStore
    handles: HandleStore
    passwords: PasswordStore
    devices: KnownDeviceStore


def credential_stores(mongo: Mongo, *, jobs: JobStores, users: UserStores) -> CredentialStores:
    tokens = MailTokenStore(mongo)
    return CredentialStores(
        mail_tokens=tokens,
        addresses=AddressStore(mongo, users.accounts, jobs.outbox, tokens),
        handles=HandleStore(mongo, users.accounts, jobs.outbox),
        passwords=PasswordStore(mongo, jobs.outbox, tokens, users),
        devices=KnownDeviceStore(mongo, jobs.outbox),
    )
