import { messagePage } from "./message-page.ts";
import type { PageContent } from "./page.ts";

export const foreignFormPage = (webOrigin: string): PageContent =>
  messagePage({
    title: "Not sent from here",
    text: "This form was sent by another site’s page, so it was not read.",
    isError: true,
    link: { url: `${webOrigin}/`, text: "Go to Stowage" },
  });
