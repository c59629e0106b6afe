// Whether something is in sight.
import { useEffect } from '../vendor/hooks.js';

/**
 * Calls `onSight` while this share of the element is in sight, in a tab that is, or while it fills half of the window;
 * what `onSight` returns is called when neither holds any more. Of share 0 any part of it will do.
 */
export function useSight(element, onSight, inputs, share = 0.5) {
  useEffect(() => {
    let isNear = false;
    let leave = null;
    const look = () => {
      const isInSight = isNear && !document.hidden;
      if (isInSight && !leave) leave = onSight() || (() => {});
      else if (!isInSight && leave) {
        leave();
        leave = null;
      }
    };
    const observer = new IntersectionObserver(
      (entries) => {
        // A busy page is told of several changes at once; the last one holds.
        const { isIntersecting, intersectionRatio, intersectionRect } = entries.at(-1);
        isNear = isIntersecting && (intersectionRatio >= share || intersectionRect.height > innerHeight / 2);
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
