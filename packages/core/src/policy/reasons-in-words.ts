import type { FileReason } from "./decide-file-access.ts";

/** A sentence for whoever asks (`you`), or for the owner who asks about somebody else (`they`). */
export const reasonInWords = (reason: FileReason, who: "you" | "they"): string => sentences[reason][who];

/** Names nothing but what the one who reads it may know. */
const sentences: Readonly<Record<FileReason, Readonly<Record<"you" | "they", string>>>> = {
  owner: { you: "You own this file.", they: "They own this file." },
  granted: { you: "Its owner shared this file with you.", they: "It was shared with them." },
  "break-glass": {
    you: "You broke the glass: its owner was told.",
    they: "They are an operator and broke the glass; their reason is in the audit log.",
  },
  album: { you: "It is in an album of yours.", they: "It is in an album of which they are a member." },
  organisation: {
    you: "Its owner shows it to your organisation.",
    they: "It is shown to your organisation, which is theirs too.",
  },
  public: { you: "It is public.", they: "It is public: everyone may see it." },
  link: { you: "You came by a link to it.", they: "They came by a link to it." },
  guest: { you: "You are a guest of its album.", they: "They are a guest of an album that it is in." },
  sealed: {
    you: "It is sealed until its album is revealed.",
    they: "It is sealed: nobody sees it before its album is revealed.",
  },
  ended: { you: "Your right to it has ended.", they: "Their right to it has ended." },
  "others-only-read": {
    you: "Only its owner may do that.",
    they: "Only its owner may do that; others may look at most.",
  },
  "not-ready": {
    you: "It is in the trash or quarantined, where only its owner sees it.",
    they: "It is in the trash or quarantined, where only its owner sees it.",
  },
  "not-shared": {
    you: "Only its owner may see this file.",
    they: "It is not shared with them, in no album of theirs, and neither public nor shown to an organisation of theirs.",
  },
};
