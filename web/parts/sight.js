// Whether something is in sight.
import { useEffect } from '../vendor/hooks.js';

/** Calls `onSight` while half of the element is in sight; what it returns is called when it no longer is. */
export function useSight(element, onSight, inputs) {
  useEffect(() => {
    let leave = null;
    const observer = new IntersectionObserver(
      ([entry]) => {
        const isInSight = entry.intersectionRatio >= 0.5 || entry.intersectionRect.height > innerHeight / 2;
        if (isInSight && !leave) leave = onSight() ?? (() => {});
        else if (!isInSight && leave) {
          leave();
          leave = null;
        }
      },
      { threshold: [0, 0.5, 1] },
    );
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      leave?.();
    };
  }, inputs);
}
