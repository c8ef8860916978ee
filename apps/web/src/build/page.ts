import type { BundledApp } from "./bundle-app.ts";

/** What the page is told by the server that sends it. */
export interface ServerFacts {
  readonly publicUrl: string;
  /** Who can make an account: anyone, whoever was invited, or nobody, since nobody can sign in here at all. */
  readonly signUp: "open" | "invited" | "none";
}

/** Stand in the built page where the server puts what it says of itself. */
const marks = { publicUrl: "{{publicUrl}}", signUp: "{{signUp}}" } as const;

const escapeAttribute = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The one page of the app. It holds no script and no style of its own: the policy that goes with it allows none. */
export function pageOf(app: BundledApp): string {
  const assets = "/assets/";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#faf8f4" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#151412" media="(prefers-color-scheme: dark)">
<meta name="description" content="Your photographs and documents, kept on a server of your own.">
<meta name="stowage-public-url" content="${marks.publicUrl}">
<meta name="stowage-sign-up" content="${marks.signUp}">
<title>Stowage</title>
<link rel="icon" type="image/svg+xml" href="${assets}${app.icon}">
${app.preloadedFonts
  .map((font) => `<link rel="preload" as="font" type="font/woff2" crossorigin href="${assets}${font}">\n`)
  .join("")}<link rel="stylesheet" href="${assets}${app.style}">
${app.preloadedScripts.map((script) => `<link rel="modulepreload" href="${assets}${script}">\n`).join("")}<script type="module" src="${assets}${app.script}"></script>
</head>
<body>
<div id="root"></div>
<noscript><p class="no-script">This page needs JavaScript, which is switched off here. The command line and the API work without it.</p></noscript>
</body>
</html>
`;
}

/** Puts what a server says of itself into a built page. */
export const addServerFacts = (page: string, { publicUrl, signUp }: ServerFacts): string =>
  page
    .replaceAll(marks.signUp, () => escapeAttribute(signUp))
    .replaceAll(marks.publicUrl, () => escapeAttribute(publicUrl));
