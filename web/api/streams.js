// The streams of one socket, each shared by all that follow the same: tabs that show the same thing cost the server one.

const MOST_KEPT = 100;

export class Streams {
  #streams = new Map();

  constructor(socket) {
    this.socket = socket;
  }

  /**
   * Hands what happens to `onData` till the returned function is called; `onFail` hears what the server refuses for
   * good. With `variables.after`, from that cursor on.
   */
  join(query, variables, onData, onFail) {
    const { after, ...others } = variables;
    const key = query + JSON.stringify(others);
    const alike = this.#streams.get(key) ?? new Set();
    this.#streams.set(key, alike);
    let stream = [...alike].find((one) => one.isKnown(after));
    if (!stream) alike.add((stream = new Stream(this.socket, query, variables)));
    return stream.add({ onData, onFail }, after, () => {
      alike.delete(stream);
      if (!alike.size) this.#streams.delete(key);
    });
  }
}

class Stream {
  /** The newest events that have a cursor, and the cursor ahead of them. */
  #events = [];
  #start;
  #followers = new Map();

  constructor(socket, query, variables) {
    this.#start = variables.after;
    this.stop = socket.follow(
      query,
      () => ({ ...variables, after: this.#newest }),
      (data) => this.#happened(data),
      (errors) => this.#failed(errors),
    );
  }

  /** Whether what came after this cursor is at hand. */
  isKnown(after) {
    return after === this.#start || this.#events.some(({ cursor }) => cursor === after);
  }

  add(follower, after, onEmpty) {
    this.#followers.set(follower, onEmpty);
    const missed = this.#events.slice(this.#events.findIndex(({ cursor }) => cursor === after) + 1);
    // Once whoever follows has what ends it.
    queueMicrotask(() => missed.forEach(({ data }) => this.#followers.has(follower) && follower.onData(data)));
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size) return;
      this.stop();
      onEmpty();
    };
  }

  get #newest() {
    return this.#events.at(-1)?.cursor ?? this.#start;
  }

  #happened(data) {
    const [event] = Object.values(data);
    if (event.cursor) this.#events.push({ cursor: event.cursor, data });
    if (this.#events.length > MOST_KEPT) this.#start = this.#events.shift().cursor;
    for (const { onData } of [...this.#followers.keys()]) onData(data);
  }

  #failed(errors) {
    const followers = [...this.#followers];
    this.#followers.clear();
    for (const [{ onFail }, onEmpty] of followers) {
      onEmpty();
      onFail(errors);
    }
  }
}
