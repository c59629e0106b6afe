import type { Answer, GraphQLFault } from '../http.js';

export interface Subscription {
  readonly query: string;
  readonly variables: unknown;
}

/** How a stream ended: by a refusal, by a token that ran out, by a connection that broke or never came about. */
export interface End {
  readonly errors?: readonly GraphQLFault[];
  readonly isTokenRefused?: boolean;
  /** Whether the connection was made at all. */
  readonly wasConnected: boolean;
}

/** Runs one subscription until it ends; after `signal` nothing is handed to `next`. */
export interface Transport {
  run(operation: Subscription, token: string | null, next: (answer: Answer) => void, signal: AbortSignal): Promise<End>;
  /** Ends a connection that may only look alive. */
  cut(): void;
  close(): void;
}
