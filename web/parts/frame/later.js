// Views and parts that are fetched when somebody opens them.
import { html } from '../html.js';
import { useEffect, useState } from '../../vendor/hooks.js';
import { healing } from '../../store/healing.js';

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
    const attempt = async () => {
      try {
        await view.fetch();
        if (isWanted) redraw(view);
      } catch {
        if (isWanted) setFailed(view);
        await healing.turn();
        if (isWanted) attempt();
      }
    };
    setFailed(null);
    attempt();
    return () => (isWanted = false);
  };
  useEffect(fetchView, [view]);
  return { Component: view.Component, hasFailed: failed === view, fetchView };
}

/** The component of this name, fetched when it is first shown; nothing stands in its place till then. */
export function laterPart(load, name) {
  const part = new LaterView(load, name);
  return function Later(props) {
    const { Component } = useView(part);
    return Component && html`<${Component} ...${props} />`;
  };
}
