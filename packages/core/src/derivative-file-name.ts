import type { DerivativeFormat } from "./ports/inspector.ts";

const endings: ReadonlyMap<string, string> = new Map<`image/${DerivativeFormat}`, string>([
  ["image/webp", ".webp"],
  ["image/jpeg", ".jpg"],
  ["image/png", ".png"],
  ["image/avif", ".avif"],
]);

/** What a derivative is saved as: `plan-thumbnail.webp` of `plan.jpg`, `report-page-3.webp` of a page. */
export function derivativeFileName(
  fileName: string,
  {
    name,
    contentType,
    page,
  }: { readonly name: string; readonly contentType: string; readonly page?: number },
): string {
  const stem = fileName.replace(/\.[A-Za-z0-9]{1,8}$/, "");
  return `${stem}-${name}${page === undefined ? "" : `-${page}`}${endings.get(contentType) ?? ""}`;
}
