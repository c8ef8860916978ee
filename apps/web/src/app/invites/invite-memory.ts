/** Who has joined an album without an account: what their capability token is for. */
export interface Guest {
  readonly token: string;
  readonly albumId: string;
  readonly name: string;
  /** RFC 3339: until when the token holds. */
  readonly expiresAt: string;
}

/** An invite that somebody came by, and who they are in its album where they have joined as a guest. */
export interface KeptInvite {
  readonly token: string;
  readonly guest?: Guest;
  /** Their time as a guest has ended, and they have not come in again. */
  readonly hasEnded?: true;
}

export interface InviteMemory {
  read(): KeptInvite | undefined;
  keep(invite: KeptInvite): void;
  forget(): void;
}

const storageKey = "stowage-invite";

/**
 * Keeps an invite through a reload and a sign-in, for one tab (`sessionStorage`): decision 0052. Where the browser keeps nothing
 * it lasts as long as the page.
 *
 * @param open answers the tab's storage; browsers may throw where it is switched off
 */
export function createInviteMemory(
  open: () => Pick<Storage, "getItem" | "setItem" | "removeItem">,
): InviteMemory {
  let held: KeptInvite | undefined;
  const attempt = <T>(work: (storage: ReturnType<typeof open>) => T): T | undefined => {
    try {
      return work(open());
    } catch {
      // Switched off, or full: the page's own memory is all there is.
      return undefined;
    }
  };
  return {
    read: () => held ?? parse(attempt((storage) => storage.getItem(storageKey))),
    keep(invite) {
      held = invite;
      attempt((storage) => storage.setItem(storageKey, JSON.stringify(invite)));
    },
    forget() {
      held = undefined;
      attempt((storage) => storage.removeItem(storageKey));
    },
  };
}

function parse(text: string | null | undefined): KeptInvite | undefined {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isKept(value) ? value : undefined;
  } catch {
    // Nothing that this page wrote.
    return undefined;
  }
}

const isKept = (value: unknown): value is KeptInvite =>
  typeof value === "object" && value !== null && "token" in value && typeof value.token === "string";
