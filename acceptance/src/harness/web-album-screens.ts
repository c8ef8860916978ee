import type { Browser, BrowserContextOptions } from "playwright-core";
import type { Photograph } from "./photographs.ts";
import { uploadToEnd } from "./upload.ts";
import { waitFor } from "./wait-for.ts";
import { apiOf, openVisitor, type Visitor } from "./web-page.ts";
import type { Look, Site } from "./web-screens.ts";
import type { Album } from "./wire.ts";

/** Screens of albums: of somebody who is signed in already, and of the guest whom they invite. */
export async function walkAlbums(
  { page }: Visitor,
  guestOf: { readonly browser: Browser; readonly options: BrowserContextOptions },
  { web, api: origin }: Site,
  photographs: readonly Photograph[],
  lookOf: (visitor: Visitor) => Look,
): Promise<void> {
  const api = await apiOf(page, origin);
  const make = async (name: string, more: object = {}) => {
    const { body } = await api.post<Album>("/v1/albums", { name, ...more });
    return body;
  };
  const open = await make("Week by the sea");
  for (const { name, bytes } of photographs)
    await uploadToEnd(api, bytes, { name, contentType: "image/jpeg", albumId: open.id });
  const revealAt = new Date(Date.now() + 9 * 24 * 3_600_000).toISOString();
  const sealed = await make("Ann & Ben’s wedding", { revealAt, shotsPerMember: 24 });
  const look = lookOf({ page } as Visitor);
  await page.goto(`${web}/albums`);
  await page.getByRole("link", { name: /Week by the sea/ }).waitFor();
  await look("albums");
  await page.goto(`${web}/albums/${open.id}`);
  const pictures = page.getByRole("list", { name: "Pictures" }).getByRole("button");
  await waitFor("the pictures", async () => (await pictures.count()) === photographs.length);
  await look("album");

  const invite = await api.post<{ url: string }>(`/v1/albums/${sealed.id}/invites`, { role: "contributor" });
  const guest = await openVisitor(guestOf.browser, guestOf.options);
  const lookAsGuest = lookOf(guest);
  await guest.page.goto(invite.body.url);
  await guest.page.getByLabel("Your name").fill("Cy");
  await lookAsGuest("invitation");
  await guest.page.getByRole("button", { name: "Join as guest" }).click();
  await guest.page.getByText("24 shots left").waitFor();
  const chosen = guest.page.waitForEvent("filechooser");
  await guest.page.getByRole("button", { name: "Choose photos" }).click();
  const [photograph] = photographs;
  if (photograph)
    await (await chosen).setFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photograph.bytes });
  await guest.page.getByText("1 photo", { exact: true }).waitFor({ timeout: 60_000 });
  await lookAsGuest("camera");
  await guest.context.close();
}
