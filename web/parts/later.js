// Views that are loaded when somebody opens them.
import { html } from './html.js';
import { useEffect, useState } from '../vendor/hooks.js';
import { Failed, Skeleton } from './states.js';
import { ApiError } from '../api/errors.js';

/** A component in place of the one that `load()` resolves to. */
export function later(load) {
  return function Later(properties) {
    const [View, setView] = useState(null);
    const [hasFailed, fail] = useState(false);
    const fetchView = () => {
      fail(false);
      load().then((loaded) => setView(() => loaded), () => fail(true));
    };
    useEffect(fetchView, []);
    if (View) return html`<${View} ...${properties} />`;
    return hasFailed ? html`<${Failed} error=${new ApiError('NETWORK', '')} onRetry=${fetchView} />` : html`<${Skeleton} />`;
  };
}
