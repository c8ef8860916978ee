import type { QueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { Session } from "../session/create-session.ts";
import { createInviteMemory } from "./invite-memory.ts";
import { InvitePage } from "./invite-page.tsx";

/** Takes the invite out of the address, where it would be seen, bookmarked and passed on by accident, and shows what it is to. */
export function openInvite(session: Session, queryClient: QueryClient): ReactElement {
  const memory = createInviteMemory(() => sessionStorage);
  const kept = memory.read();
  const token = location.hash.slice(1);
  // The invite that one has joined by already is the way back.
  const invite = token === "" || token === kept?.token ? kept : { token };
  if (invite) memory.keep(invite);
  history.replaceState(null, "", location.pathname);
  // Another one that is put into the address bar of this tab.
  addEventListener("hashchange", () => location.reload());
  return <InvitePage invite={invite} memory={memory} session={session} queryClient={queryClient} />;
}
