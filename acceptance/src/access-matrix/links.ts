import { createApi } from "../harness/api-client.ts";
import { noteSecret, noteToken } from "../harness/run-record.ts";
import type { PersonViewer, Viewer } from "./people.ts";
import type { MadeAlbum, MadeFile } from "./rule.ts";
import { must } from "./sending.ts";

interface MadeLink {
  readonly id: string;
  readonly token: string;
}

/** Who came by a link that its owner makes now. */
export async function comeByLink(
  owner: PersonViewer,
  target: MadeFile | MadeAlbum,
): Promise<{ readonly viewer: Viewer; readonly linkToken: string; revoke(): Promise<Viewer> }> {
  const isFile = "uploadId" in target;
  const path = `/v1/${isFile ? "files" : "albums"}/${target.id}/links`;
  const made = await must<MadeLink>(owner, "POST", path, { json: {} });
  const { origin } = owner.api;
  const nobody: Viewer = { name: "nobody", api: createApi(origin) };
  const opened = await must<{ token: string }>(nobody, "POST", "/v1/links/open", {
    json: { token: made.body.token },
  });
  noteSecret("a link's token", made.body.token);
  const { token } = opened.body;
  noteToken("a capability token", token);
  const viewer: Viewer = {
    name: `who came by a link to ${isFile ? target.what : target.name}`,
    api: createApi(origin, token),
    scope: "files:read",
    cameBy: { kind: isFile ? "file-link" : "album-link", id: target.id },
  };
  return {
    viewer,
    linkToken: made.body.token,
    async revoke() {
      await must(owner, "DELETE", `${path}/${made.body.id}`);
      return { ...viewer, name: "who came by a link that was taken back", isRefused: true };
    },
  };
}
