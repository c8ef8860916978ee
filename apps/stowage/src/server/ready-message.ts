import { embeddedIssuerUrl } from "./issuers/embedded-issuer-url.ts";
import { signUpOf } from "./issuers/sign-up-of.ts";
import { isLoopbackHost } from "./loopback.ts";
import type { ProcessSetup } from "./process-setup.ts";

/**
 * What a person reads when everything runs: where it is, what leads there, and what to do first.
 *
 * @param howToRun a command as the person writes it: `put photo.jpg` → `stowage put photo.jpg`
 */
export function readyMessage(
  setup: Omit<ProcessSetup, "secrets">,
  issuer: string,
  howToRun: (command: string) => string,
): string {
  const { configuration, publicUrl, bucketUrl, dataDir, version } = setup;
  const places = [
    ["Page", publicUrl, led(setup, publicUrl, setup.apiPort)],
    ["API", `${publicUrl}/v1`, `(${publicUrl}/openapi.json)`],
    ["Bucket", bucketUrl, led(setup, bucketUrl, setup.bucketPort)],
    ["Issuer", issuer, ""],
    ["Data", dataDir, ""],
  ] as const;
  const width = Math.max(publicUrl.length + "/v1".length, bucketUrl.length);
  const isOpen = configuration["issuer.enabled"] && signUpOf(setup) === "open";
  const isEmbedded = issuer === embeddedIssuerUrl(publicUrl);
  return [
    "",
    `  Stowage ${version} is running.`,
    "",
    ...places.map(
      ([name, place, how]) => `  ${name.padEnd(8)} ${how ? `${place.padEnd(width)}   ${how}` : place}`,
    ),
    "",
    ...warnings(setup).map(indent),
    ...firstSteps(isOpen, isEmbedded, publicUrl, howToRun).map(indent),
    "",
    "  Ctrl-C stops it.",
    "",
  ].join("\n");
}

function firstSteps(
  isOpen: boolean,
  isEmbedded: boolean,
  publicUrl: string,
  howToRun: (command: string) => string,
): string[] {
  const bySending = ["", `  ${howToRun("login")}`, `  ${howToRun("put photo.jpg")}`];
  if (isOpen)
    return [
      `Open ${publicUrl}, make an account, and drop a photograph on the page.`,
      "Or in another terminal:",
      ...bySending,
    ];
  if (!isEmbedded)
    return [
      `Open ${publicUrl}, sign in, and drop a photograph on the page.`,
      "Or in another terminal:",
      ...bySending,
    ];
  return [
    "Accounts are made by invitation. For the first one, in another terminal:",
    "",
    `  ${howToRun("user invite you@example.com")}`,
    "",
    "docs/self-hosting.md says what else a server wants: a proxy, a service, backups.",
  ];
}

/** Where a proxy has to lead an origin that is not served here directly. */
function led(
  { configuration: { host } }: Pick<ProcessSetup, "configuration">,
  origin: string,
  port: number,
): string {
  const { protocol, port: publicPort, hostname } = new URL(origin);
  const isDirect = protocol === "http:" && publicPort === String(port);
  if (isDirect || (isLoopbackHost(hostname) && protocol === "http:")) return "";
  const reach =
    host === "0.0.0.0" || host === "::" ? "this machine" : host.includes(":") ? `[${host}]` : host;
  return `your proxy leads it to port ${port} of ${reach}`;
}

function warnings({ publicUrl, bucketUrl }: Pick<ProcessSetup, "publicUrl" | "bucketUrl">): string[] {
  const isPlain = [publicUrl, bucketUrl].some(
    (origin) => origin.startsWith("http:") && !isLoopbackHost(new URL(origin).hostname),
  );
  return isPlain
    ? ["Plain http: passwords, tokens and files cross the network in the clear. For a trial only.", ""]
    : [];
}

const indent = (line: string): string => (line === "" ? "" : `  ${line}`);
