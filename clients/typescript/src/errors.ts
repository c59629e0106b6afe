import type { UserError } from './generated.js';

/** An answer without data: `code` is that of the server, or NETWORK where there was no answer. */
export class RookeryError extends Error {
  override name = 'RookeryError';

  constructor(
    readonly code: string,
    message: string,
    /** Seconds to wait before it is tried again, where the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** A mutation that was refused; `errors` say why, for people and by field. */
export class Refused extends RookeryError {
  override name = 'Refused';

  constructor(readonly errors: readonly UserError[]) {
    super(errors[0]?.code ?? 'INVALID', errors[0]?.message ?? 'refused');
  }
}

/** The session is over, or there was none: sign in again. */
export class SignedOut extends RookeryError {
  override name = 'SignedOut';

  constructor(message = 'nobody is signed in') {
    super('UNAUTHENTICATED', message);
  }
}

/** Somebody signed in or out while the server was asked: what one person began does not go on as another. */
export class Replaced extends SignedOut {
  constructor() {
    super('somebody else has signed in');
  }
}

/** Whether the same may work a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof RookeryError && ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED'].includes(error.code);
}
