// Campaigns.
import { counted } from './counting.js';

export const campaignWords = {
  detail: 'Your tweets as advertisements',
  one: 'Campaign',
  new: 'New campaign',
  impressions: 'impressions',
  clicks: 'clicks',
  rate: 'clicks per impression',
  spent: 'spent',
  of: (spent, budget) => `${spent} of ${budget}`,
  budgetUsed: 'Budget used',
  byDay: 'By day',
  chart: 'Impressions as bars and clicks as a line, for each day; the table below has the figures',
  table: 'The figures as a table',
  day: 'day',
  noDays: 'Nothing was shown yet. Figures appear as soon as somebody sees it.',
  bid: 'Bid',
  perThousand: (money) => `${money} per thousand impressions`,
  time: 'Runs',
  cap: 'Most for one person a day',
  perDay: (count) => counted(count, 'time', 'times'),
  hashtags: 'Hashtags',
  everybody: 'Everybody',
  pause: 'Pause',
  resume: 'Resume',
  statuses: { IN_REVIEW: 'In review', REJECTED: 'Refused', ACTIVE: 'Active', PAUSED: 'Paused', EXHAUSTED: 'Budget spent', ENDED: 'Ended' },
  tweet: 'Tweet to show',
  choose: 'Choose one of your tweets',
  bidField: 'Bid in dollars',
  bidHint: 'for a thousand impressions',
  budgetField: 'Budget in dollars',
  startsAt: 'First day',
  endsAt: 'Last day',
  capHint: 'impressions for one person in 24 hours',
  hashtagsHint: 'for who follows or likes these; empty for everybody',
  create: 'Start the campaign',
  empty: { title: 'No campaigns', text: 'Choose a tweet of yours, say what it may cost, and see who it reaches.' },
  noTweets: { title: 'Nothing to show yet', text: 'Write a tweet first; then it can be promoted.' },
  gone: { title: 'No such campaign', text: 'It is not there, or it is not yours.' },
};

const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });

export function money(cents) {
  return dollars.format(cents / 100);
}
