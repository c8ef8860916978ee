import { randomUUID } from "node:crypto";
import { type Api, createApi } from "./api-client.ts";
import { runCli } from "./run-cli.ts";
import { noteSecret, noteToken } from "./run-record.ts";
import type { Server } from "./start-server.ts";

export interface TokenOptions {
  /** Space-separated; default: everything that a person may. */
  readonly scope?: string;
  /** Default 3600. */
  readonly ttlSeconds?: number;
}

/** An access token for an account, by the operator's command. */
export async function makeToken(server: Server, email: string, options: TokenOptions = {}): Promise<string> {
  const ttlSeconds = String(options.ttlSeconds ?? 3600);
  const args = ["token", email, "--data", server.dataDir, "--ttl", ttlSeconds];
  if (options.scope !== undefined) args.push("--scope", options.scope);
  const { status, stdout, stderr } = await runCli(args);
  if (status !== 0) throw new Error(`token ${email} ended with ${status}: ${stderr}`);
  const token = stdout.trim();
  noteToken("an access token", token);
  return token;
}

export interface Person {
  readonly email: string;
  readonly token: string;
  readonly api: Api;
}

/** A new account, a token for it, and the API as that person sees it. */
export async function addPerson(
  server: Server,
  name = "person",
  options: TokenOptions = {},
): Promise<Person> {
  const email = `${name}-${randomUUID().slice(0, 8)}@example.test`;
  const { status, stderr } = await runCli(["user", "add", email, "--data", server.dataDir]);
  if (status !== 0) throw new Error(`user add ${email} ended with ${status}: ${stderr}`);
  noteSecret("a person's address", email);
  const token = await makeToken(server, email, options);
  return { email, token, api: createApi(server.api, token) };
}
