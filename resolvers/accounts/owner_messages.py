"""Messages to the owner about a change of their account: a mail to the address so far, and a notification."""

from core.ids import UserId
from datastore.credentials.addresses import Change
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Job, Notify
from datastore.jobs.mails import MailKind, MailRecord
from datastore.records.users import AccountRecord
from datastore.stores import Stores
from resolvers.enqueue import try_enqueue
from resolvers.services import Services


def change_of(services: Services, account: AccountRecord, kind: MailKind, **words: str) -> Change:
    """No mail where mail is off."""
    user, stores = account.user, services.stores
    words = {"handle": user.handle, **words}
    mail = MailRecord(stores.ids(), kind, user.id, account.email, words=words | services.served_at.words)
    return Change((mail,) if services.account_rules.is_mail_on else (), Notify(stores.ids(), ActKind.SECURITY, user.id))


def verification_of(services: Services, user_id: UserId, email: str) -> tuple[MailRecord, ...]:
    """The mail with a token by which the address is verified; none where mail is off."""
    if not services.account_rules.is_mail_on:
        return ()
    return (MailRecord(services.stores.ids(), MailKind.VERIFY, user_id, email, words=services.served_at.words),)


async def hand_over(stores: Stores, change: Change) -> None:
    """Call once the change is committed."""
    jobs: list[Job] = [mail.job for mail in change.mails]
    if change.notice is not None:
        jobs.append(change.notice)
    await try_enqueue(stores, *jobs)
