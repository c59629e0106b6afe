// What the page's own code must keep; the rules are those of which each break is a fault.
const BROWSER = [
  "AbortController", "AbortSignal", "BroadcastChannel", "CSSStyleSheet", "CustomEvent", "File", "FormData", "HTMLElement", "ImageData", "IntersectionObserver", "Intl",
  "Notification", "URL", "URLSearchParams",
  "WebSocket", "XMLHttpRequest", "addEventListener", "clearInterval", "clearTimeout", "createImageBitmap", "crypto", "customElements", "document", "fetch", "getSelection",
  "globalThis", "history", "innerHeight", "localStorage", "location", "matchMedia", "navigator", "queueMicrotask", "removeEventListener", "scrollTo",
  "scrollY", "setInterval", "setTimeout",
];

export default [
  { ignores: ["vendor/**", "graphiql/**"] },
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: Object.fromEntries(BROWSER.map((name) => [name, false])) },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "consistent-return": "error",
      "eqeqeq": "error",
      "no-constant-condition": "error",
      "no-dupe-keys": "error",
      "no-duplicate-imports": "error",
      "no-implicit-globals": "error",
      "no-redeclare": "error",
      "no-undef": "error",
      "no-unreachable": "error",
      "no-unused-vars": ["error", { "varsIgnorePattern": "^_$" }],
      "no-useless-rename": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  // The service worker, which has no document.
  { files: ["push.js"], languageOptions: { globals: { self: false } } },
];
