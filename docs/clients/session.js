// A session: requests with an access token, which is renewed before it runs out or once it was refused. No package is needed.
const TOKENS = 'tokens { accessToken refreshToken expiresAt } userErrors { message }';
const LOGIN = `mutation Login($login: String!, $password: String!) {
  answer: login(input: { login: $login, password: $password }) { ${TOKENS} } }`;
const REFRESH = `mutation Refresh($token: String!) { answer: refreshTokens(refreshToken: $token) { ${TOKENS} } }`;
const EARLY_MS = 30_000;

/** The session is over: its user has to sign in again. */
export class SignedOut extends Error {}

/** @typedef {{accessToken: string, refreshToken: string, expiresAt: string}} Tokens */
/** @typedef {(tokens: Tokens) => void} Keep */

export class Session {
  #tokens;
  #keep;
  #renewAt;
  #renewing = null;

  /**
   * Rejects with SignedOut if handle or password is wrong.
   * @param {string} url
   * @param {string} login
   * @param {string} password
   * @param {Keep} [keep]
   */
  static async signIn(url, login, password, keep) {
    return new Session(url, await tokensOf(await post(url, LOGIN, { login, password })), keep);
  }

  /**
   * `url` is the address of /graphql. `keep` is called with the tokens and with each later ones, such as to store them.
   * @param {string} url
   * @param {Tokens} tokens
   * @param {Keep} [keep]
   */
  constructor(url, tokens, keep = () => {}) {
    this.url = url;
    this.#keep = keep;
    this.#take(tokens);
  }

  /**
   * A token for the next request. Rejects with SignedOut, or with a TypeError if the server can't be reached.
   * @returns {Promise<string>}
   */
  async token() {
    return Date.now() < this.#renewAt ? this.#tokens.accessToken : this.#renewed();
  }

  /** Headers of a request, and the payload of connection_init. */
  async authorization() {
    return { authorization: `Bearer ${await this.token()}` };
  }

  /** As the global fetch, signed in; a request whose token was refused is sent once more with the next token. */
  fetch = async (address, options = {}) => {
    const send = (token) => {
      const headers = new Headers(options.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(address, { ...options, headers });
    };
    const token = await this.token();
    const answer = await send(token);
    if (!(await isRefused(answer))) return answer;
    // Unless another request had it renewed meanwhile.
    if (token === this.#tokens.accessToken) this.#renewAt = 0;
    return send(await this.token());
  };

  /**
   * The data of a query or mutation. Rejects with its first error.
   * @param {string} query
   * @param {object} variables
   */
  async ask(query, variables = {}) {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query, variables });
    return dataOf(await (await this.fetch(this.url, { method: 'POST', headers, body })).json());
  }

  /** Takes the error that ended a stream; true if its token was refused, which the next one renews. Throws SignedOut again. */
  heed(error) {
    if (error instanceof SignedOut) throw error;
    const faults = [error, ...(error?.errors ?? []), ...(Array.isArray(error) ? error : [])];
    const refused = faults.some((one) => one?.code === 4401 || isUnauthenticated(one));
    if (refused) this.#renewAt = 0;
    return refused;
  }

  // A refresh token serves once, so that requests of one moment share one renewal.
  #renewed() {
    this.#renewing ??= post(this.url, REFRESH, { token: this.#tokens.refreshToken })
      .then(tokensOf)
      .then((tokens) => this.#take(tokens))
      .finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  #take(tokens) {
    const left = Date.parse(tokens.expiresAt) - Date.now();
    this.#tokens = tokens;
    // A clock that is ahead of the server's tells nothing; then the server's refusal does.
    this.#renewAt = left > 0 ? Date.now() + Math.max(left - EARLY_MS, left / 2) : Infinity;
    this.#keep(tokens);
    return tokens.accessToken;
  }
}

async function post(url, query, variables) {
  const body = JSON.stringify({ query, variables });
  return (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
}

async function tokensOf(answer) {
  const { tokens, userErrors } = dataOf(answer).answer;
  if (!tokens) throw new SignedOut(userErrors[0].message);
  return tokens;
}

function dataOf({ data, errors }) {
  if (errors) throw Object.assign(new Error(errors[0].message), { extensions: errors[0].extensions });
  return data;
}

async function isRefused(answer) {
  if (answer.status === 401) return true;
  if (!answer.headers.get('content-type')?.includes('json')) return false;
  const { errors } = await answer.clone().json();
  return Boolean(errors?.some(isUnauthenticated));
}

function isUnauthenticated(error) {
  return error?.extensions?.code === 'UNAUTHENTICATED';
}
