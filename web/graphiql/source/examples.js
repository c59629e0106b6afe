// What the sidebar offers, in the order in which it is read.
import firstLook from './examples/01-first-look.graphql';
import signIn from './examples/02-sign-in.graphql';
import signUp from './examples/03-sign-up.graphql';
import tweet from './examples/04-tweet.graphql';
import homeTimeline from './examples/05-home-timeline.graphql';
import homeLive from './examples/06-home-live.graphql';
import homeTop from './examples/07-home-top.graphql';
import likeRetweetBookmark from './examples/08-like-retweet-bookmark.graphql';
import thread from './examples/09-thread.graphql';
import countsLive from './examples/10-counts-live.graphql';
import profile from './examples/11-profile.graphql';
import follow from './examples/12-follow-mute-block.graphql';
import search from './examples/13-search.graphql';
import searchLive from './examples/14-search-live.graphql';
import trends from './examples/15-hashtag-and-trends.graphql';
import trendsLive from './examples/16-trends-live.graphql';
import notifications from './examples/17-notifications.graphql';
import notificationsLive from './examples/18-notifications-live.graphql';
import settings from './examples/19-settings.graphql';
import mutedWords from './examples/20-muted-words.graphql';
import campaign from './examples/21-campaign.graphql';
import campaignFigures from './examples/22-campaign-figures.graphql';
import warningAndAudience from './examples/23-warning-and-audience.graphql';
import edit from './examples/24-edit.graphql';
import makeList from './examples/25-make-a-list.graphql';
import lists from './examples/26-lists.graphql';
import report from './examples/27-report.graphql';
import decisions from './examples/28-decisions.graphql';

export const FIRST_TABS = [firstLook, homeTimeline, homeLive];

const ID = '{\n  "id": "paste the id of a tweet"\n}\n';

/** [section, [[name, document, variables]]] */
export const EXAMPLES = [
  ['Begin', [['First look', firstLook], ['Sign in', signIn], ['Sign up', signUp]]],
  ['Timelines', [['Home, latest', homeTimeline], ['Home, live', homeLive], ['Home, top, with reasons', homeTop]]],
  ['Tweets', [
    ['Tweet', tweet], ['Warning and audience', warningAndAudience], ['Edit', edit, ID], ['Thread', thread, ID], ['Like, retweet, bookmark', likeRetweetBookmark, ID],
    ['Counts, live', countsLive, '{\n  "ids": ["paste the id of a tweet"]\n}\n'],
  ]],
  ['People', [['Profile', profile], ['Follow', follow, '{\n  "userId": "paste the id of a person"\n}\n']]],
  ['Lists', [['Make a list', makeList], ['Lists, with their newest', lists]]],
  ['Find', [['Search', search], ['Search, live', searchLive], ['Hashtag and trends', trends], ['Trends, live', trendsLive]]],
  ['Notifications', [['Notifications', notifications], ['Notifications, live', notificationsLive, '{\n  "after": null\n}\n']]],
  ['Settings', [['All settings', settings], ['Muted words', mutedWords]]],
  ['Moderation', [['Report', report, '{\n  "subject": "paste the id of a tweet or a person"\n}\n'], ['Decisions about you', decisions]]],
  ['Advertisements', [['Campaign', campaign, '{\n  "tweet": "paste the id of a tweet of yours"\n}\n'], ['Its figures', campaignFigures]]],
];
