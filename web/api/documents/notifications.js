// Notifications.
import { ERRORS, PAGE, SHOWN } from './fragments.js';

const NOTICE = `fragment Notice on Notification {
  id kind isAccepted createdAt updatedAt actorCount isRead actors { ...Person } tweet { ...Shown }
}
${SHOWN}`;
export const NOTIFICATIONS = `query Notifications($after: String, $filter: NotificationFilter!) {
  notifications(first: 20, after: $after, filter: $filter) {
    unreadCount headCursor edges { cursor node { ...Notice } } ${PAGE}
  }
}
${NOTICE}`;
export const NOTIFICATION_EVENTS = `subscription NotificationEvents($after: String) {
  notificationEvents(after: $after) {
    __typename
    ... on StreamEvent { cursor }
    ... on NotificationChanged { unreadCount notification { ...Notice } }
    ... on UnreadCountChanged { unreadCount }
    ... on NotificationsReset { reason }
  }
}
${NOTICE}`;
export const MARK_READ = `mutation MarkRead($upTo: String) {
  markNotificationsRead(upTo: $upTo) { unreadCount ${ERRORS} }
}`;
