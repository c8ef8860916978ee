import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Where scripts/run-tests.mjs wants this run's logs and secrets, to look for the ones in the others at its end
 * (check-run-record.ts); `undefined` where nobody asked.
 */
const folder = process.env.STOWAGE_TEST_RECORD;

export const isRecorded: boolean = folder !== undefined;

/** What is shorter may stand in a log by chance. */
export const shortestSecret = 12;

const noted = new Set<string>();

/** Something that must be in no log: a token, a cookie, a signature, a password, a file's name, a person's address. */
export function noteSecret(what: string, value: string | null | undefined): void {
  if (folder === undefined || !value || value.length < shortestSecret || noted.has(value)) return;
  noted.add(value);
  appendFileSync(join(folder, `secrets-${process.pid}.jsonl`), `${JSON.stringify({ what, value })}\n`);
}

/** A JWT's claims and signature (its header is like any other's), or an opaque token whole. */
export function noteToken(what: string, token: string | null | undefined): void {
  const parts = token?.split(".") ?? [];
  for (const part of parts.length === 3 ? parts.slice(1) : [token]) noteSecret(what, part);
}

/** What a server wrote to standard error. */
export function noteLog(pid: number, chunk: Uint8Array): void {
  if (folder !== undefined) appendFileSync(join(folder, `server-${pid}.log`), chunk);
}

/** The secrets that a server made for itself. */
export function noteSecretsOf(dataDir: string): void {
  const file = join(dataDir, "secrets.json");
  if (folder === undefined || !existsSync(file)) return;
  for (const [what, value] of Object.entries(JSON.parse(readFileSync(file, "utf8")) as object))
    if (typeof value === "string" && what !== "bucketAccessKeyId") noteSecret(what, value);
}

const secretParameters = [
  "X-Amz-Signature",
  "X-Amz-Security-Token",
  "code",
  "code_verifier",
  "state",
  "id_token_hint",
];

function noteUrl(address: string | null): void {
  if (!address?.includes("?")) return;
  const { searchParams } = new URL(address, "http://relative.example");
  for (const name of secretParameters) noteSecret(`a URL's ${name}`, searchParams.get(name));
}

const secretMembers = /"(access_token|refresh_token|id_token|client_secret|password)":\s*"([^"]+)"/g;
const fileNames = /"name":\s*"((?:[^"\\]|\\.)+)"/g;
/** A file may be called like somebody's id, which stands in logs by right. */
const isId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const signatures = /X-Amz-Signature=([0-9a-f]{64})/g;

function noteJson(text: string): void {
  for (const [, what = "", value = ""] of text.matchAll(secretMembers)) noteToken(what, value);
  for (const [, value] of text.matchAll(signatures)) noteSecret("a URL's X-Amz-Signature", value);
}

function noteRequest(url: string, { headers, body }: RequestInit): void {
  noteUrl(url);
  const sent = new Headers(headers);
  noteToken("a Bearer token", /^Bearer (.+)$/i.exec(sent.get("authorization") ?? "")?.[1]);
  for (const cookie of sent.get("cookie")?.split("; ") ?? []) noteSecret("a cookie", cookie.split("=")[1]);
  if (body instanceof URLSearchParams)
    for (const name of ["password", "refresh_token", "code", "code_verifier", "client_secret"])
      noteSecret(`a form's ${name}`, body.get(name));
  if (typeof body !== "string") return;
  noteJson(body);
  for (const [, name = ""] of body.matchAll(fileNames))
    if (!isId.test(name)) noteSecret("a file's name", name);
}

async function noteAnswer(answer: Response): Promise<void> {
  noteUrl(answer.headers.get("location"));
  for (const cookie of answer.headers.getSetCookie())
    noteSecret("a cookie", /^[^=]+=([^;]*)/.exec(cookie)?.[1]);
  if (/^application\/(problem\+)?json\b/.test(answer.headers.get("content-type") ?? ""))
    noteJson(await answer.clone().text());
}

/** Everything secret that this process' tests send and are sent is noted on its way. */
function watchFetch(): void {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, options = {}) => {
    noteRequest(input instanceof Request ? input.url : String(input), options);
    const answer = await send(input, options);
    // An answer that breaks off is its reader's to deal with.
    await noteAnswer(answer).catch(() => undefined);
    return answer;
  };
}

if (isRecorded) watchFetch();
