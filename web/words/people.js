// People, and how they stand to each other.
import { counted } from './counting.js';

export const personWords = {
  people: {
    verified: 'Verified',
    verify: 'Mark as verified',
    unverify: 'Take the verification back',
    protected: 'Protected account',
    followsYou: 'Follows you',
    isMuted: 'Muted',
    whySuggested: { FOLLOWED_BY_FOLLOWEES: (count) => `Followed by ${counted(count, 'person', 'people')} you follow`, POPULAR: () => 'Many follow them' },
    follow: 'Follow',
    following: 'Following',
    requested: 'Requested',
    unfollow: 'Unfollow',
    withdraw: 'Withdraw',
    unblock: 'Unblock',
    unmute: 'Unmute',
    followName: (label, handle) => `${label} @${handle}`,
    muteName: (handle) => `Mute @${handle}`,
    unmuteName: (handle) => `Unmute @${handle}`,
    blockName: (handle) => `Block @${handle}`,
    unblockName: (handle) => `Unblock @${handle}`,
    reportName: (handle) => `Report @${handle}`,
    removeFollower: 'Remove this follower',
    muted: (handle) => `@${handle} is muted.`,
    blocked: (handle) => `@${handle} is blocked.`,
  },
};
