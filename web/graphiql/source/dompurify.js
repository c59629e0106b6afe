// DOMPurify with the named exports that monaco-editor expects of the copy that it ships, which is older and has known holes.
import purify from 'dompurify';

export default purify;
export const { addHook, isSupported, removeAllHooks, removeHook, removeHooks, sanitize, setConfig, clearConfig } = purify;
