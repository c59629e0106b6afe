// Campaigns.
import { ERRORS, PAGE, PERSON, WORDS } from './fragments.js';

const FIGURES = `fragment Figures on Campaign {
  id status bidCents budgetCents spentCents startsAt endsAt targetHashtags targetDevices frequencyCap
  impressions clicks
  days { day impressions clicks spentCents }
  tweet { ...Words }
}
${WORDS} ${PERSON}`;
export const CAMPAIGNS = `query Campaigns($after: String) {
  viewer { campaigns(first: 20, after: $after) { edges { cursor node { ...Figures } } ${PAGE} } }
}
${FIGURES}`;
export const CAMPAIGN = `query Campaign($id: ID!) { node(id: $id) { ...Figures } }
${FIGURES}`;
export const CREATE_CAMPAIGN = `mutation CreateCampaign($input: CreateCampaignInput!) {
  createCampaign(input: $input) { campaign { id } ${ERRORS} }
}`;
export const PAUSE_CAMPAIGN = `mutation PauseCampaign($id: ID!) {
  pauseCampaign(id: $id) { campaign { ...Figures } ${ERRORS} }
}
${FIGURES}`;
export const RESUME_CAMPAIGN = `mutation ResumeCampaign($id: ID!) {
  resumeCampaign(id: $id) { campaign { ...Figures } ${ERRORS} }
}
${FIGURES}`;
export const OWN_TWEETS = `query OwnTweets($handle: String!) {
  user(handle: $handle) { tweets(first: 20) { edges { node { __typename ... on Tweet { ...Words } } } } }
}
${WORDS} ${PERSON}`;
