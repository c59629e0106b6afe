// Lists of people, and their timelines.
import { CARD, ERRORS, ITEM, PAGE, PERSON } from './fragments.js';

const LIST = 'id name description isPrivate memberCount owner { ...Person }';

export const LISTS = `query Lists($after: String) {
  viewer { lists(first: 20, after: $after) { edges { cursor node { ${LIST} } } ${PAGE} } }
}
${PERSON}`;
export const LIST_OF = `query List($id: ID!) {
  list(id: $id) { ${LIST} }
}
${PERSON}`;
export const LIST_TIMELINE = `query ListTimeline($id: ID!, $after: String) {
  list(id: $id) { timeline(first: 20, after: $after) { headCursor edges { ...Item } ${PAGE} } }
}
${ITEM}`;
export const LIST_MEMBERS = `query ListMembers($id: ID!, $after: String) {
  list(id: $id) { members(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const LIST_EVENTS = `subscription ListEvents($id: ID!, $after: String) {
  listEvents(id: $id, after: $after) {
    __typename
    ... on StreamEvent { cursor }
    ... on TimelineItemAdded { edge { ...Item } }
    ... on TimelineItemRemoved { nodeId }
    ... on TimelineReset { reason }
  }
}
${ITEM}`;
export const CREATE_LIST = `mutation CreateList($input: ListInput!) {
  createList(input: $input) { list { ${LIST} } ${ERRORS} }
}
${PERSON}`;
export const UPDATE_LIST = `mutation UpdateList($id: ID!, $input: UpdateListInput!) {
  updateList(id: $id, input: $input) { list { ${LIST} } ${ERRORS} }
}
${PERSON}`;
export const DELETE_LIST = `mutation DeleteList($id: ID!) {
  deleteList(id: $id) { deletedId ${ERRORS} }
}`;
export const ADD_TO_LIST = `mutation AddToList($id: ID!, $userId: ID!) {
  addToList(id: $id, userId: $userId) { list { ${LIST} } ${ERRORS} }
}
${PERSON}`;
export const REMOVE_FROM_LIST = `mutation RemoveFromList($id: ID!, $userId: ID!) {
  removeFromList(id: $id, userId: $userId) { list { ${LIST} } ${ERRORS} }
}
${PERSON}`;
