import type { Guest } from "./invite-memory.ts";

/** What an invite is to, before one has joined. */
export interface InvitedTo {
  readonly album: {
    readonly id: string;
    readonly name: string;
    readonly sealed: boolean;
    readonly revealAt?: string;
    readonly shotsPerMember?: number;
  };
  readonly role: "viewer" | "contributor";
}

/** Why an invite did not do what was asked of it. */
export type InviteTrouble =
  /** It never was, has ended, was used up or taken back: which of them is nobody's to know. */
  | { readonly name: "gone" }
  | { readonly name: "unreachable" }
  | { readonly name: "busy"; readonly seconds: number };

export type PreviewAnswer = { readonly name: "invited"; readonly to: InvitedTo } | InviteTrouble;

export type JoinAnswer = { readonly name: "joined"; readonly guest: Guest } | InviteTrouble;

/** Asks what an invite is to; nothing of it is used up. */
export const previewInvite = (ask: typeof fetch, token: string): Promise<PreviewAnswer> =>
  post(ask, "/v1/invites/preview", { token }, (body) => ({ name: "invited", to: body as InvitedTo }));

/** Joins an album as a guest of that name. */
export const joinAsGuest = (ask: typeof fetch, token: string, name: string): Promise<JoinAnswer> =>
  post(ask, "/v1/invites/accept", { token, name }, (body) => {
    const accepted = body as Accepted;
    return {
      name: "joined",
      guest: {
        token: accepted.token,
        expiresAt: accepted.expiresAt,
        albumId: accepted.album.id,
        name: accepted.guest.name,
      },
    };
  });

interface Accepted {
  readonly album: { readonly id: string };
  readonly guest: { readonly name: string };
  readonly token: string;
  readonly expiresAt: string;
}

async function post<Answer>(
  ask: typeof fetch,
  path: string,
  body: object,
  read: (body: unknown) => Answer,
): Promise<Answer | InviteTrouble> {
  try {
    const answer = await ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said: unknown = await answer.json();
    if (answer.ok) return read(said);
    if (answer.status === 429)
      return { name: "busy", seconds: Number(answer.headers.get("retry-after") ?? 60) };
    return answer.status < 500 ? { name: "gone" } : { name: "unreachable" };
  } catch {
    // No connection, or an answer that is none of Stowage's: a captive portal, a proxy.
    return { name: "unreachable" };
  }
}
