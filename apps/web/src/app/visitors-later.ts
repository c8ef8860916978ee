// The pages of who came by a link or an invite, in one piece (see signed-in-later.ts).
export { openInvite } from "./invites/open-invite.tsx";
export { LinkPage } from "./links/link-page.tsx";
