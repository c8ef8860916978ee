import type { CommandContext } from "../command.ts";
import { formatTime } from "../terminal/format-time.ts";
import { findCredentialsFile } from "./find-credentials-file.ts";

/** By what a command is signed in, and until when. */
export interface HowSignedIn {
  /** `token`: the one in STOWAGE_TOKEN; `login`: what stowage login keeps. */
  readonly by: "token" | "login";
  /** RFC 3339; of a sign-in. */
  readonly since?: string;
  /** RFC 3339: the end of the access token that is in use; absent where nobody says. */
  readonly until?: string;
  /** Whether it goes on after that by itself. */
  readonly renews: boolean;
}

export async function findHowSignedIn(context: CommandContext, server: string): Promise<HowSignedIn> {
  const token = context.env.STOWAGE_TOKEN?.trim();
  if (token) {
    const until = endOf(token);
    return { by: "token", ...(until !== undefined && { until }), renews: false };
  }
  const credentials = await findCredentialsFile(context)?.read(server);
  const { signedInAt, accessToken, refreshToken } = credentials ?? {};
  return {
    by: "login",
    ...(signedInAt !== undefined && { since: signedInAt }),
    ...(accessToken?.expiresAt !== undefined && { until: accessToken.expiresAt }),
    renews: refreshToken !== undefined,
  };
}

/** The same for people, in the time of where they are. */
export function describeHowSignedIn({ by, since, until, renews }: HowSignedIn, nowMs: number): string {
  const how = by === "token" ? "by STOWAGE_TOKEN" : "by stowage login";
  const began = since === undefined ? "" : ` of ${formatTime(since)}`;
  if (renews) return `${how}${began}, which renews itself`;
  return `${how}${began}${until === undefined ? "" : `, until ${formatTime(until)} (${inWords(Date.parse(until) - nowMs)})`}`;
}

function inWords(leftMs: number): string {
  const minutes = Math.round(leftMs / 60_000);
  if (minutes < 1) return "less than a minute from now";
  return minutes < 120 ? `${minutes} min from now` : `${Math.round(minutes / 60)} hours from now`;
}

/** A JWT's end (RFC 7519 section 4.1.4), as it says itself: the server has the last word. */
function endOf(token: string): string | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const end = typeof payload === "object" && payload !== null && "exp" in payload ? payload.exp : undefined;
    return typeof end === "number" ? new Date(end * 1000).toISOString() : undefined;
  } catch {
    // Other tokens say nothing of their end.
    return undefined;
  }
}
