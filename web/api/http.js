// Queries and mutations over HTTP.
import { ApiError, Refusal } from './errors.js';

const TIMEOUT_MS = 10_000;
const ADDRESS = '/graphql';

/** The answer {data, errors} to one POST. Rejects with an ApiError where there is none. */
export async function post(query, variables, token) {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  if (token) headers.authorization = `Bearer ${token}`;
  let answer;
  let body;
  try {
    answer = await fetch(ADDRESS, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    body = await answer.json();
  } catch (error) {
    throw new ApiError('NETWORK', error.message);
  }
  return { ...body, retrySeconds: Number(answer.headers.get('retry-after')) || null };
}

export class Api {
  constructor(session) {
    this.session = session;
  }

  /** The data. Rejects with an ApiError; a token that ran out is renewed once. */
  async ask(query, variables = {}) {
    const token = await this.#token();
    let answer = await post(query, variables, token);
    if (token && answer.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED')) {
      const renewed = await this.session.renew(token);
      if (renewed) answer = await post(query, variables, renewed);
    }
    if (answer.errors?.length) throw failure(answer);
    return answer.data;
  }

  /** The payload of a document's one mutation. Rejects with a Refusal where it was not done. */
  async act(mutation, variables) {
    const [payload] = Object.values(await this.ask(mutation, variables));
    if (payload.userErrors.length) throw new Refusal(payload.userErrors);
    return payload;
  }

  async #token() {
    try {
      return await this.session.token();
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('NETWORK', error.message);
    }
  }
}

function failure({ errors, retrySeconds }) {
  const [first] = errors;
  return new ApiError(first.extensions?.code ?? 'INTERNAL', first.message, retrySeconds);
}
