"""Stores of Web Push."""

from dataclasses import dataclass

from core.settings import Settings
from datastore.mongo.client import Mongo
from datastore.push.subscriptions import PushSubscriptionStore
from datastore.push.vapid_keys import VapidKeyStore


@dataclass(frozen=True, slots=True)
class PushStores:
    subscriptions: PushSubscriptionStore
    vapid_keys: VapidKeyStore


def push_stores(mongo: Mongo, settings: Settings) -> PushStores:
    given = settings.vapid_private_key
    return PushStores(
        subscriptions=PushSubscriptionStore(mongo),
        vapid_keys=VapidKeyStore(mongo, None if given is None else given.get_secret_value()),
    )
