// Pushes to this device.
import { ERRORS } from './fragments.js';

export const PUSH_KEY = `query PushKey {
  pushServerKey
}`;
export const SUBSCRIBE_TO_PUSH = `mutation SubscribeToPush($input: SubscribeToPushInput!) {
  subscribeToPush(input: $input) { pushSubscription { id } ${ERRORS} }
}`;
export const UNSUBSCRIBE_FROM_PUSH = `mutation UnsubscribeFromPush {
  unsubscribeFromPush { deletedId ${ERRORS} }
}`;
