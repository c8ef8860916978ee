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
html { font: 100%/1.5 var(--font-text); -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-block-size: 100vh; min-block-size: 100dvh; background: var(--color-paper); color: var(--color-ink);
  display: grid; grid-template-rows: auto 1fr; overflow-wrap: anywhere;
}
header { padding: var(--space-4) var(--space-5); }
.brand {
  display: inline-flex; align-items: center; gap: var(--space-2); min-block-size: 2.75rem; color: var(--color-ink);
  font-weight: 700; font-size: 1.125rem; letter-spacing: -.01em; text-decoration: none; border-radius: var(--radius-small);
}
.brand svg { inline-size: 1.625rem; block-size: 1.625rem; color: var(--color-accent); }
main { inline-size: 100%; max-inline-size: 27rem; margin: 0 auto; padding: var(--space-3) var(--space-4) var(--space-6); align-self: center; }
.card {
  background: var(--color-card); border: 1px solid var(--color-line); border-radius: var(--radius-large, var(--radius));
  box-shadow: var(--shadow-card); padding: clamp(1.25rem, 5vw, 2.25rem);
}
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; }
p { margin: var(--space-2) 0 0; }
.soft { color: var(--color-ink-soft); }
form { display: grid; gap: var(--space-4); margin-block-start: var(--space-5); }
label { display: block; font-weight: 600; margin-block-end: var(--space-1); }
label .soft, .hint { font-weight: 400; }
.hint { margin: var(--space-1) 0 0; font-size: .875rem; color: var(--color-ink-soft); }
input {
  display: block; inline-size: 100%; min-block-size: 3rem; padding: 0 .875rem; font: inherit; color: inherit;
  background: var(--color-paper); border: 1px solid var(--color-line-strong); border-radius: var(--radius-small);
}
input[aria-invalid="true"] { border-color: var(--color-danger); box-shadow: inset 0 0 0 1px var(--color-danger); }
.wrong { margin: var(--space-1) 0 0; font-size: .875rem; font-weight: 600; color: var(--color-danger); }
button, .button {
  display: grid; place-items: center; inline-size: 100%; min-block-size: 3rem; padding: .5rem 1rem; font: inherit; font-weight: 650;
  text-align: center; text-decoration: none; cursor: pointer; border-radius: var(--radius-small); border: 1px solid transparent;
  background: var(--color-accent); color: var(--color-on-accent);
}
button:hover, .button:hover { background: var(--color-accent-strong); }
button.quiet { background: transparent; color: var(--color-ink); border-color: var(--color-line-strong); }
button.quiet:hover { background: var(--color-paper); }
.alert {
  margin-block-start: var(--space-5); padding: var(--space-3) var(--space-4); border-radius: var(--radius-small);
  background: var(--color-danger-soft, transparent); border: 1px solid var(--color-danger); color: var(--color-ink);
}
.alert p { margin: 0; }
.alert p + p, .alert ul { margin: var(--space-1) 0 0; }
.alert ul { padding-inline-start: 1.25rem; }
.beside { margin-block-start: var(--space-5); text-align: center; color: var(--color-ink-soft); }
a:not(.button, .brand) { color: var(--color-accent); font-weight: 600; text-underline-offset: .2em; }
.alert a { color: inherit; }
.beside a { display: inline-block; padding-block: .375rem; }
:focus-visible { outline: 3px solid var(--color-focus); outline-offset: 2px; }
.alert:focus { outline: 3px solid var(--color-focus); outline-offset: 2px; }
.ahead { margin-block-start: var(--space-5); }
.person { font-weight: 650; }
@media (max-width: 30rem) {
  main { align-self: start; }
}
@media (max-height: 40rem) {
  main { align-self: start; }
}
@media (forced-colors: active) {
  button, .button, input { border-color: ButtonText; }
}`;

/** The whole style sheet: the theme's custom properties over our own, then the rules. */
export const createStyle = (theme = ""): string => {
  // An end tag would end the style element; no custom property needs one.
  if (/<\/style/i.test(theme)) throw new TypeError("The theme is not a style sheet.");
  return `${fallbackTheme}\n${theme}\n${rules}`;
};
