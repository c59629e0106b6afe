// Advertisements that were seen or opened.
import { ERRORS } from './fragments.js';

export const RECORD_IMPRESSIONS = `mutation RecordImpressions($tokens: [String!]!) {
  recordImpressions(tokens: $tokens) { recorded ${ERRORS} }
}`;
export const RECORD_CLICK = `mutation RecordClick($token: String!) {
  recordAdClick(token: $token) { recorded ${ERRORS} }
}`;
