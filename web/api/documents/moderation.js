// Reports, decisions, appeals, and the moderators' room.
import { CARD, ERRORS, MEDIA, PAGE, PERSON, PROFILE, SHOWN, WORDS } from './fragments.js';

const DECIDED = `fragment Decided on Decision {
  id action reason explanation createdAt until revokedAt
  subject { __typename ... on Tweet { ...Words } ... on User { ...Card } }
  appeal { text createdAt isGranted answer }
}`;
const REPORTED = `fragment Reported on Report {
  id reason comment reporters state createdAt version
  subject { __typename ... on Tweet { ...Words } ... on User { ...Card } }
  decision { id action }
  revision { text contentWarning ${MEDIA} }
}`;
const SUBJECTS = `${WORDS} ${CARD} ${PERSON}`;

export const REPORT = `mutation Report($input: ReportInput!) { report(input: $input) { report { id } ${ERRORS} } }`;
export const OWN_DECISIONS = `query OwnDecisions($after: String) {
  viewer { decisions(first: 20, after: $after) { edges { cursor node { ...Decided } } ${PAGE} } }
}
${DECIDED} ${SUBJECTS}`;
export const APPEAL = `mutation Appeal($decisionId: ID, $token: String, $text: String!) {
  appeal(decisionId: $decisionId, token: $token, text: $text) { decision { id appeal { text createdAt isGranted answer } } ${ERRORS} }
}`;

export const REPORTS = `query Reports($after: String, $state: ReportState!) {
  moderation { reports(first: 20, after: $after, state: $state) { edges { cursor node { ...Reported } } ${PAGE} } }
}
${REPORTED} ${SUBJECTS}`;
export const REPORT_CONTEXT = `query ReportContext($id: ID!) {
  node(id: $id) { ... on Report {
    ...Reported
    about: subject {
      ... on Tweet { id ancestors(first: 20) { ...Shown } author { ...Profile } }
      ... on User { ...Profile }
    }
  } }
}
${REPORTED} ${SHOWN} ${CARD} ${PROFILE}`;
export const HISTORY = `query History($id: ID!, $handle: String!) {
  moderation { history(person: $id, first: 10) { edges { node { ...Decided } } } }
  user(handle: $handle) { tweets(first: 5, include: TWEETS_AND_REPLIES) { edges { node { __typename ... on Tweet { ...Words } } } } }
}
${DECIDED} ${SUBJECTS}`;
export const APPEALS = `query Appeals($after: String) {
  moderation { appeals(first: 20, after: $after) { edges { cursor node { ...Decided } } ${PAGE} } }
}
${DECIDED} ${SUBJECTS}`;
export const DECISIONS = `query Decisions($after: String) {
  moderation { decisions(first: 20, after: $after) { edges { cursor node { ...Decided } } ${PAGE} } }
}
${DECIDED} ${SUBJECTS}`;
export const SIGN_UPS = `query SignUps($after: String) {
  moderation { signUps(first: 20, after: $after) { edges { cursor node { ...Card } } ${PAGE} } }
}
${CARD}`;
export const REVIEWS = `query Reviews($after: String) {
  moderation { campaigns(first: 20, after: $after) { edges { cursor node { id budgetCents startsAt endsAt targetHashtags tweet { ...Words } } } ${PAGE} } }
}
${WORDS} ${PERSON}`;
const FILTER = 'id kind pattern effect isOn';
export const FILTERS = `query Filters($after: String) {
  moderation { filters(first: 50, after: $after) { edges { cursor node { ${FILTER} } } ${PAGE} } }
}`;
export const SET_FILTER = `mutation SetFilter($input: FilterInput!) { setFilter(input: $input) { filter { ${FILTER} } ${ERRORS} } }`;
export const DELETE_FILTER = `mutation DeleteFilter($id: ID!) { deleteFilter(id: $id) { deletedId ${ERRORS} } }`;
export const LOG = `query Log($after: String) {
  moderation { log(first: 50, after: $after) { edges { cursor node { at action subjectId note actor { ...Person } } } ${PAGE} } }
}
${PERSON}`;

export const MODERATE = `mutation Moderate($input: ModerateInput!) { moderate(input: $input) { decision { id } ${ERRORS} } }`;
export const REVOKE = `mutation Revoke($id: ID!) { revokeDecision(id: $id) { decision { ...Decided } ${ERRORS} } }
${DECIDED} ${SUBJECTS}`;
export const DISMISS = `mutation Dismiss($id: ID!) { dismissReport(id: $id) { report { id state } ${ERRORS} } }`;
export const ANSWER_APPEAL = `mutation AnswerAppeal($id: ID!, $isGranted: Boolean!, $answer: String!) {
  answerAppeal(decisionId: $id, isGranted: $isGranted, answer: $answer) { decision { id } ${ERRORS} }
}`;
export const SET_VERIFIED = `mutation SetVerified($id: ID!, $isVerified: Boolean!) {
  setVerified(userId: $id, isVerified: $isVerified) { user { id isVerified } ${ERRORS} }
}`;
export const ID_OF = 'query IdOf($handle: String!) { user(handle: $handle) { id handle } }';
export const SET_ROLE = `mutation SetRole($id: ID!, $role: Role!) { setRole(userId: $id, role: $role) { user { id } ${ERRORS} } }`;
export const REVIEW_CAMPAIGN = `mutation ReviewCampaign($id: ID!, $isApproved: Boolean!) {
  reviewCampaign(id: $id, isApproved: $isApproved) { campaign { id } ${ERRORS} }
}`;
export const REVIEW_SIGN_UP = `mutation ReviewSignUp($id: ID!, $isApproved: Boolean!) {
  reviewSignUp(userId: $id, isApproved: $isApproved) { user { id } ${ERRORS} }
}`;
