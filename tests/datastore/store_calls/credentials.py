"""Calls of the stores of mails, tokens, devices and of changes of credentials."""

from core.auth.tokens import utc_now
from core.ids import SessionId, wall_ms
from datastore.credentials.addresses import Change
from datastore.credentials.mail_tokens import MailToken, TokenPurpose
from datastore.jobs.acts import ActKind
from datastore.jobs.caught_mails import CaughtMail
from datastore.jobs.jobs import Notify
from datastore.jobs.mails import MailKind, MailRecord
from tests.datastore.store_calls.scene import Scene


async def mails(scene: Scene) -> None:
    outbox, caught = scene.stores.jobs.outbox, scene.stores.jobs.caught_mails
    mail = MailRecord(scene.id(), MailKind.RESET, words={"login": "alice"})
    await outbox.mails.add(None, mail)
    await outbox.mails.get(mail.id)
    await outbox.mails.defer(mail.id, wall_ms())
    await outbox.mails.overdue(wall_ms() + 1_000, 10)
    await outbox.give_up(mail.job)
    await outbox.mails.delete_of(scene.alice, "alice@example.org")
    await caught.insert(CaughtMail("<1@localhost>", "alice@example.org", "Hello", "text", "<p>text</p>", utc_now()))
    await caught.newest(10)
    await caught.delete_to("alice@example.org")


async def mail_tokens(scene: Scene) -> None:
    store, alice = scene.stores.credentials.mail_tokens, scene.alice
    email = "new@example.org"
    for purpose in TokenPurpose:
        await store.insert(purpose, f"token {purpose}", MailToken(alice, email, scene.id(), is_open=True))
    await scene.stores.credentials.addresses.change(alice, email, Change())
    verify = await store.get(TokenPurpose.VERIFY, "token verify")
    reset = await store.get(TokenPurpose.RESET, "token reset")
    assert verify is not None
    assert reset is not None
    assert await scene.stores.credentials.addresses.verify(verify)
    assert await scene.stores.credentials.passwords.reset(reset, "hash", Change(), sign_in_generation=0)


async def changes(scene: Scene) -> None:
    stores, carol = scene.stores.credentials, scene.carol
    told = Change(
        (MailRecord(scene.id(), MailKind.PASSWORD_CHANGED, carol, "carol@example.org"),),
        Notify(scene.id(), ActKind.SECURITY, carol),
    )
    await stores.addresses.is_taken("alice@example.org", carol)
    await stores.addresses.ask_again(MailRecord(scene.id(), MailKind.VERIFY, carol, "carol@example.org"))
    await stores.passwords.change(carol, "hash", SessionId(1), told, sign_in_generation=0)
    await stores.handles.change(carol, "carola", Change())
    await stores.handles.leads_to("carol")
    await stores.handles.change(carol, "carol", Change())
    await scene.stores.users.sessions.verified(carol)
    await scene.stores.users.accounts.hidden_by_email("carol@example.org")
    await scene.stores.users.accounts.expired_sign_ups(10)
    await scene.stores.users.accounts.get_deleted(carol)


async def devices(scene: Scene) -> None:
    store, carol = scene.stores.credentials.devices, scene.carol
    for name in ("one", "two", "two"):
        await store.note(carol, name, Change())
    await store.is_known(carol, "one")


async def deletions(scene: Scene) -> None:
    stores, carol = scene.stores.credentials, scene.carol
    await stores.mail_tokens.delete_of(carol)
    await stores.devices.delete_of(carol)
    await stores.handles.forget_user(carol)
