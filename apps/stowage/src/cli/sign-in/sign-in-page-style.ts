/** The web application's design tokens as far as this page needs them, and its rules. */
export const signInPageStyle = `
:root {
  color-scheme: light dark;
  --color-ink: #211f1b; --color-ink-soft: #655f55; --color-paper: #faf8f4; --color-card: #fff; --color-line: #e3ddd2;
  --color-accent: #1f5b49; --color-ok: #2b6a40; --color-danger: #a5321f; --radius-large: 1.25rem;
  --font-text: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --shadow-card: 0 1px 2px rgb(58 48 30 / 6%), 0 8px 24px -8px rgb(58 48 30 / 14%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --color-ink: #f2eee6; --color-ink-soft: #aca598; --color-paper: #151412; --color-card: #1f1d1a; --color-line: #35322c;
    --color-accent: #93cfb8; --color-ok: #93d0a3; --color-danger: #f39a86;
    --shadow-card: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px -8px rgb(0 0 0 / 50%);
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { font: 100%/1.5 var(--font-text); -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-block-size: 100vh; min-block-size: 100dvh; display: grid; grid-template-rows: auto 1fr;
  background: var(--color-paper); color: var(--color-ink); overflow-wrap: anywhere;
}
header {
  display: flex; align-items: center; gap: .5rem; min-block-size: 2.75rem; padding: 1rem 1.5rem;
  font-weight: 700; font-size: 1.125rem; letter-spacing: -.01em;
}
header svg { inline-size: 1.625rem; block-size: 1.625rem; color: var(--color-accent); }
main { inline-size: 100%; max-inline-size: 29rem; margin: 0 auto; padding: .75rem 1rem 2.5rem; align-self: center; }
.card {
  background: var(--color-card); border: 1px solid var(--color-line); border-radius: var(--radius-large);
  box-shadow: var(--shadow-card); padding: clamp(1.25rem, 5vw, 2.25rem);
}
.card svg { display: block; inline-size: 2.5rem; block-size: 2.5rem; margin-block-end: .75rem; color: var(--color-ok); }
.card.failed svg { color: var(--color-danger); }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; text-wrap: balance; }
p { margin: .5rem 0 0; color: var(--color-ink-soft); }
@media (max-width: 30rem) { main { align-self: start; } }
`;
