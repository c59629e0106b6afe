"""Review of campaigns: those that wait, and a moderator's decision."""

from core.errors import RefusalError, UserErrorCode
from core.ids import CampaignId
from core.runtime.metrics import AD_REVIEWS
from datastore.moderation.log import LogLine
from resolvers.ads.campaigns import CampaignAndTweet, refresh_inventory, with_tweets
from resolvers.identity import Identity
from resolvers.moderation.notes import clean_note
from resolvers.moderation.roles import require_right_over
from resolvers.pages import Page, check_first, page_of
from resolvers.services import Services


async def campaigns_in_review(services: Services, first: int, after: int | None) -> Page[CampaignAndTweet]:
    """Oldest first, without those whose tweet is deleted. The caller checks the role."""
    found: list[CampaignAndTweet] = []
    place, wanted = after, check_first(first) + 1
    while len(found) <= first:
        campaigns = await services.stores.ads.campaigns.in_review(place, wanted)
        found += await with_tweets(services.stores.tweets, campaigns)
        if len(campaigns) < wanted:
            break
        place = campaigns[-1].id
    return page_of(found, first, lambda entry: entry[0].id, has_previous=after is not None)


async def review_campaign(
    services: Services, identity: Identity, campaign_id: CampaignId, *, is_approved: bool, note: str | None
) -> CampaignAndTweet:
    """Also changes an earlier decision.

    Raises RefusalError: NOT_FOUND, TOO_LONG for the note, FORBIDDEN without the right to decide about its advertiser.
    """
    campaign = await services.stores.ads.campaigns.get(campaign_id)
    await require_right_over(
        services.stores.users, identity, None if campaign is None else campaign.advertiser_id, "id"
    )
    found = [] if campaign is None else await with_tweets(services.stores.tweets, [campaign])
    action = "APPROVE_CAMPAIGN" if is_approved else "REJECT_CAMPAIGN"
    line = LogLine(services.stores.ids(), identity.user_id, action, ("Campaign", campaign_id), clean_note(note))
    decided = await services.stores.ads.campaigns.decide(campaign_id, line, is_approved=is_approved) if found else None
    if decided is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such campaign.", "id")
    AD_REVIEWS.labels("approved" if is_approved else "rejected").inc()
    await refresh_inventory(services.ad_inventory)
    return decided, found[0][1]
