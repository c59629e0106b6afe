// What can go wrong between the page and the API, as errors that say what to tell people.

/** `code` is that of the API, or NETWORK where there was no answer. */
export class ApiError extends Error {
  constructor(code, message, retrySeconds = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.retrySeconds = retrySeconds;
  }
}

/** Whether what was asked for is not there, or could not be: no id has this form. */
export function isAbsence(error) {
  return error?.code === 'NOT_FOUND' || error?.code === 'BAD_USER_INPUT';
}

/** A mutation that was not done; `userErrors` name fields. */
export class Refusal extends Error {
  constructor(userErrors) {
    super(userErrors.map((error) => error.message).join(' '));
    this.name = 'Refusal';
    this.userErrors = userErrors;
  }

  /** The message about an input field, or undefined. */
  about(field) {
    return this.userErrors.find((error) => error.field.at(-1) === field)?.message;
  }
}
