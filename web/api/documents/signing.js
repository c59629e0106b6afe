// Signing in and out.
import { ERRORS } from './fragments.js';

const TOKENS = `tokens { accessToken refreshToken expiresAt } viewer { user { handle } } ${ERRORS}`;

export const REGISTER = `mutation Register($input: RegisterInput!) { register(input: $input) { ${TOKENS} } }`;
export const LOGIN = `mutation Login($input: LoginInput!) { login(input: $input) { ${TOKENS} } }`;
export const REFRESH = `mutation Refresh($token: String!) { refreshTokens(refreshToken: $token) { ${TOKENS} } }`;
export const LOGOUT = `mutation Logout($id: ID) { logout(sessionId: $id) { deletedId ${ERRORS} } }`;
export const HAS_DEMO = 'query HasDemo($handle: String!) { user(handle: $handle) { id } }';
