// Ways into an account and back into it.
import { ERRORS } from './fragments.js';

const TOKENS = `tokens { accessToken refreshToken expiresAt } viewer { user { handle } } ${ERRORS}`;

export const VERIFY = `mutation VerifyEmail($token: String!) { verifyEmail(token: $token) { viewer { email } ${ERRORS} } }`;
export const RESEND = `mutation ResendVerification { resendVerification { accepted ${ERRORS} } }`;
export const REQUEST_RESET = `mutation RequestReset($login: String!) { requestPasswordReset(login: $login) { accepted ${ERRORS} } }`;
export const RESET = `mutation ResetPassword($token: String!, $new: String!) { resetPassword(token: $token, new: $new) { ${TOKENS} } }`;
export const CHANGE_EMAIL = `mutation ChangeEmail($email: String!, $password: String!) {
  changeEmail(email: $email, password: $password) { viewer { email isEmailVerified pendingEmail } ${ERRORS} }
}`;
export const CHANGE_HANDLE = `mutation ChangeHandle($handle: String!, $password: String!) {
  changeHandle(handle: $handle, password: $password) { user { id handle } ${ERRORS} }
}`;
