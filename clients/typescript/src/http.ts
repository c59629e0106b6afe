import { Refused, RookeryError, SignedOut } from './errors.js';
import type { UserError } from './generated.js';
import type { Document } from './operation.js';

const TIMEOUT_MS = 15_000;

export interface GraphQLFault {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly retryAfter?: number };
}

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFault[];
}

/** Posts operations to one address. */
export class Http {
  constructor(
    readonly url: string,
    readonly fetch: typeof globalThis.fetch,
  ) {}

  request(body: unknown, token: string | null, accept: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept };
    if (token) headers['authorization'] = `Bearer ${token}`;
    return this.fetch(this.url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }

  /** The data. Rejects with a RookeryError; with SignedOut where the token was refused. */
  async post<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    token: string | null,
  ): Promise<Data> {
    const answer = await this.#answered({ query: String(document), variables }, token);
    if (answer.errors?.length) throw faultOf(answer.errors);
    return answer.data as Data;
  }

  async #answered(body: unknown, token: string | null): Promise<Answer> {
    try {
      const reply = await this.request(body, token, 'application/json', AbortSignal.timeout(TIMEOUT_MS));
      return (await reply.json()) as Answer;
    } catch (error) {
      throw new RookeryError('NETWORK', error instanceof Error ? error.message : 'no answer');
    }
  }
}

/** The error for the errors of an answer. */
export function faultOf(errors: readonly GraphQLFault[]): RookeryError {
  const chosen = errors.find(({ extensions }) => extensions?.code === 'UNAUTHENTICATED') ?? errors[0];
  const code = chosen?.extensions?.code ?? 'INTERNAL';
  if (code === 'UNAUTHENTICATED') return new SignedOut(chosen?.message);
  return new RookeryError(code, chosen?.message ?? '', chosen?.extensions?.retryAfter ?? null);
}

/** The payload of a mutation. Throws Refused where it was not done. */
export function done<Payload extends { readonly userErrors: readonly UserError[] }>(payload: Payload): Payload {
  if (payload.userErrors.length) throw new Refused(payload.userErrors);
  return payload;
}
