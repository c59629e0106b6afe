import { useState } from 'react';

/** Runs an act, and tells whether it is under way and why the last one failed. */
export function useAct() {
  const [isActing, setActing] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const act = async (todo: () => Promise<unknown>): Promise<boolean> => {
    setActing(true);
    setError(null);
    try {
      await todo();
      return true;
    } catch (fault) {
      setError(fault instanceof Error ? fault.message : String(fault));
      return false;
    } finally {
      setActing(false);
    }
  };
  return { act, isActing, error };
}
