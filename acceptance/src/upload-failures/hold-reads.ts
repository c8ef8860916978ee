import type { BrowserContext, Page } from "playwright-core";

/** In each document that opens from now on reading files takes until `letRead`. */
export async function holdReads(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { arrayBuffer } = Blob.prototype;
    const mayRead = new Promise<void>((resolve) => Object.assign(window, { letRead: resolve }));
    Blob.prototype.arrayBuffer = async function (this: Blob) {
      await mayRead;
      return arrayBuffer.call(this);
    };
  });
}

export const letRead = (page: Page): Promise<void> =>
  page.evaluate(() => (window as unknown as { letRead(): void }).letRead());
