// Views that are fetched when somebody opens them.
import { useEffect, useState } from '../vendor/hooks.js';

/** `load()` resolves to a module; what it exports by this name is the view's component. */
export class LaterView {
  Component = null;
  #load;
  #name;

  constructor(load, name) {
    this.#load = load;
    this.#name = name;
  }

  async fetch() {
    this.Component = (await this.#load())[this.#name];
  }
}

/** What to draw of a view: its component, null where it is on its way, and how to ask again where it did not come. */
export function useView(view) {
  const [failed, setFailed] = useState(null);
  const [, redraw] = useState(null);
  const fetchView = () => {
    if (view.Component) return undefined;
    let isWanted = true;
    setFailed(null);
    view.fetch().then(() => isWanted && redraw(view), () => isWanted && setFailed(view));
    return () => (isWanted = false);
  };
  useEffect(fetchView, [view]);
  return { Component: view.Component, hasFailed: failed === view, fetchView };
}
