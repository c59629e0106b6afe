// Whether something is in sight.
import { useEffect } from '../vendor/hooks.js';

/**
 * Calls `onSight` while half of the element is in sight, in a tab that is; what it returns is called when it no longer
 * is.
 */
export function useSight(element, onSight, inputs) {
  useEffect(() => {
    let isNear = false;
    let leave = null;
    const look = () => {
      const isInSight = isNear && !document.hidden;
      if (isInSight && !leave) leave = onSight() ?? (() => {});
      else if (!isInSight && leave) {
        leave();
        leave = null;
      }
    };
    const observer = new IntersectionObserver(
      ([entry]) => {
        isNear = entry.intersectionRatio >= 0.5 || entry.intersectionRect.height > innerHeight / 2;
        look();
      },
      { threshold: [0, 0.5, 1] },
    );
    observer.observe(element.current);
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      observer.disconnect();
      leave?.();
    };
  }, inputs);
}
