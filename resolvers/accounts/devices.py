"""Devices of a sign-in: the owner hears of one that was not seen before."""

from core.auth.tokens import utc_now
from core.devices import Device, DeviceKind
from core.ids import UserId
from core.network.address_ranges import address_range
from datastore.credentials.stores import CredentialStores
from datastore.jobs.mails import MailKind
from datastore.records.users import AccountRecord
from resolvers.accounts.owner_messages import change_of, hand_over
from resolvers.services import Services

_NOBODY = UserId(0)
_NAMES = {
    DeviceKind.WEB: "a web browser",
    DeviceKind.IOS: "an iPhone or iPad",
    DeviceKind.ANDROID: "an Android device",
    DeviceKind.API: "a program",
}


def device_name(device: Device, address: str) -> str:
    """A device is the same one by the id that its client made, else by its kind and range of addresses."""
    return f"id {device.id}" if device.id else f"{device.kind} {address_range(address)}"


async def note_device(services: Services, account: AccountRecord, device: Device, *, address: str) -> None:
    """Call after a sign-in."""
    words = {"device": _NAMES[device.kind], "when": f"{utc_now():%Y-%m-%d %H:%M}"}
    change = change_of(services, account, MailKind.NEW_DEVICE, **words)
    if await services.stores.credentials.devices.note(account.user.id, device_name(device, address), change):
        await hand_over(services.stores, change)


async def known_device_of(credentials: CredentialStores, account: AccountRecord | None, device: Device) -> str | None:
    """The id of a device on which the account signed in before; None for others, and for those without an id.

    Takes the same time for an account that there is not.
    """
    if not device.id:
        return None
    user_id = _NOBODY if account is None else account.user.id
    is_known = await credentials.devices.is_known(user_id, device_name(device, ""))
    return device.id if is_known else None
