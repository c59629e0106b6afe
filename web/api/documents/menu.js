// What is in the menu of a tweet.
import { ERRORS, SHOWN } from './fragments.js';

export const NOT_INTERESTED = `mutation NotInterested($id: ID!) { notInterested(tweetId: $id) { tweet { id } ${ERRORS} } }`;
export const CONVERSATION = 'query Conversation($id: ID!) { tweet(id: $id) { id viewerHasMutedConversation } }';
const onThread = (name, field) => `mutation ${name}($id: ID!) { ${field}(tweetId: $id) { tweet { id viewerHasMutedConversation } ${ERRORS} } }`;
export const MUTE_CONVERSATION = onThread('MuteConversation', 'muteConversation');
export const UNMUTE_CONVERSATION = onThread('UnmuteConversation', 'unmuteConversation');
export const PIN = `mutation Pin($id: ID!) { pinTweet(id: $id) { user { id pinnedTweet { ...Shown } } ${ERRORS} } }
${SHOWN}`;
export const UNPIN = `mutation Unpin { unpinTweet { user { id pinnedTweet { id } } ${ERRORS} } }`;
