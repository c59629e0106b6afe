// Tokens for programs and for pages of somebody else.
import { ERRORS } from './fragments.js';

const TOKEN = 'id name scopes origin createdAt expiresAt lastUsedAt';

export const TOKENS = `query Tokens {
  viewer { accessTokens { ${TOKEN} } }
}`;
export const CREATE_TOKEN = `mutation CreateToken($input: CreateAccessTokenInput!) {
  createAccessToken(input: $input) { accessToken { ${TOKEN} } secret ${ERRORS} }
}`;
export const REVOKE_TOKEN = `mutation RevokeToken($id: ID!) {
  revokeAccessToken(id: $id) { deletedId ${ERRORS} }
}`;
