/** What the pages look like where the web application's theme is not given. */
const fallbackTheme = `
:root {
  color-scheme: light dark;
  --color-ink: #211f1b; --color-ink-soft: #655f55; --color-paper: #faf8f4; --color-card: #fff;
  --color-line: #e3ddd2; --color-line-strong: #8d8678; --color-accent: #1f5b49; --color-accent-strong: #174537;
  --color-on-accent: #fff; --color-danger: #a5321f; --color-danger-soft: #f8e6e1; --color-focus: #b4560c;
  --radius-small: .5rem; --radius: .875rem; --radius-large: 1.25rem;
  --font-text: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --space-1: .25rem; --space-2: .5rem; --space-3: .75rem; --space-4: 1rem; --space-5: 1.5rem; --space-6: 2.5rem;
  --shadow-card: 0 1px 2px rgb(58 48 30 / 6%), 0 8px 24px -8px rgb(58 48 30 / 14%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --color-ink: #f2eee6; --color-ink-soft: #aca598; --color-paper: #151412; --color-card: #1f1d1a;
    --color-line: #35322c; --color-line-strong: #7f7869; --color-accent: #93cfb8; --color-accent-strong: #b2e0cd;
    --color-on-accent: #0f231c; --color-danger: #f39a86; --color-danger-soft: #41231c; --color-focus: #f2b066;
    --shadow-card: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px -8px rgb(0 0 0 / 50%);
  }
}`;

const rules = `
*, ::before, ::after { box-sizing: border-box; }
html {
  font: 100%/1.5 var(--font-text); color: var(--color-ink); background: var(--color-paper);
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; -webkit-tap-highlight-color: transparent;
}
body { margin: 0; min-block-size: 100vh; min-block-size: 100dvh; display: grid; grid-template-rows: auto 1fr; overflow-wrap: anywhere; }
h1, p, ul { margin: 0; padding: 0; }
header { padding: var(--space-4) clamp(var(--space-4), 4vw, var(--space-6)); }
.brand {
  display: inline-flex; align-items: center; gap: .625rem; min-block-size: 2.75rem; color: var(--color-ink);
  font-size: 1.125rem; font-weight: 680; letter-spacing: -.02em; text-decoration: none; border-radius: var(--radius-small);
}
.brand svg { display: block; inline-size: 1.75rem; block-size: 1.75rem; }
main { inline-size: 100%; max-inline-size: 28rem; margin: 0 auto; padding: var(--space-4) var(--space-4) clamp(var(--space-6), 12vh, 8rem); align-self: center; }
.card {
  background: var(--color-card); border: 1px solid var(--color-line); border-radius: var(--radius-large, var(--radius));
  box-shadow: var(--shadow-card); padding: clamp(1.5rem, 6vw, 2.5rem);
}
h1 { font-size: clamp(1.5rem, 1.3rem + 1vw, 1.75rem); font-weight: 640; line-height: 1.15; letter-spacing: -.015em; text-wrap: balance; }
.lead { margin-block-start: var(--space-2); color: var(--color-ink-soft); text-wrap: pretty; }
.person { font-weight: 620; color: var(--color-ink); }
form { display: grid; gap: 1.25rem; margin-block-start: 1.75rem; }
label { display: block; margin-block-end: .375rem; font-size: .9375rem; font-weight: 580; }
.optional { font-weight: 400; color: var(--color-ink-soft); }
.hint, .wrong { margin-block-start: .375rem; font-size: .875rem; line-height: 1.4; color: var(--color-ink-soft); }
.wrong { font-weight: 560; color: var(--color-danger); }
input {
  display: block; inline-size: 100%; min-block-size: 2.875rem; padding: .375rem .875rem; font: inherit; color: inherit;
  background: var(--color-paper); border: 1px solid var(--color-line-strong); border-radius: var(--radius-small);
  transition: border-color 140ms;
}
input:hover { border-color: var(--color-ink-soft); }
input[readonly] { background: transparent; border-style: dashed; }
input[aria-invalid="true"] { border-color: var(--color-danger); box-shadow: inset 0 0 0 1px var(--color-danger); }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; inline-size: 100%; min-block-size: 2.875rem; padding: .375rem 1.25rem;
  font: inherit; font-weight: 560; text-align: center; text-decoration: none; cursor: pointer;
  border: 1px solid transparent; border-radius: var(--radius-round, 999px);
  background: var(--color-accent); color: var(--color-on-accent); transition: background-color 140ms;
}
button:hover, .button:hover { background: var(--color-accent-strong); }
button.quiet { background: transparent; border-color: var(--color-line-strong); color: var(--color-ink); }
button.quiet:hover { background: var(--color-sunken, var(--color-paper)); }
.actions { display: grid; gap: var(--space-3); }
.ahead { margin-block-start: 1.75rem; }
.alert {
  margin-block-start: 1.5rem; padding: var(--space-3) var(--space-4); border-radius: var(--radius-small);
  background: var(--color-danger-soft); box-shadow: inset 3px 0 0 var(--color-danger); font-size: .9375rem;
}
.alert ul { margin-block-start: var(--space-1); list-style: none; }
.alert a { color: inherit; font-weight: 560; }
.beside { margin-block-start: 1.5rem; text-align: center; font-size: .9375rem; color: var(--color-ink-soft); text-wrap: balance; }
.beside a { display: inline-block; padding-block: .375rem; color: var(--color-accent); font-weight: 580; }
a { text-underline-offset: .18em; text-decoration-thickness: from-font; }
:focus-visible, .alert:focus { outline: 3px solid var(--color-focus); outline-offset: 2px; }
@media (max-width: 30rem), (max-height: 44rem) {
  main { align-self: start; padding-block-end: var(--space-6); }
}
@media (max-width: 24rem) {
  main { padding-inline: var(--space-3); }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { button, .button { border-color: ButtonText; } }`;

/** The whole style sheet: the theme's custom properties over our own, then the rules. */
export const createStyle = (theme = ""): string => {
  // An end tag would end the style element; no custom property needs one.
  if (/<\/style/i.test(theme)) throw new TypeError("The theme is not a style sheet.");
  return `${fallbackTheme}\n${theme}\n${rules}`;
};
