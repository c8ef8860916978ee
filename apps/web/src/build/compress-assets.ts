import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const compressible = /\.(js|css|svg|txt)$/;

/** The last two steps cost ten times as long for 3 % of size: a person waits for the first start. */
const brotliQuality = 9;

/** Writes a `.br` and a `.gz` beside each file that gets smaller by them. */
export async function compressAssets(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => compressible.test(name));
  await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const body = await readFile(file);
      const [brotli, gzipped] = await Promise.all([
        promisify(brotliCompress)(body, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
            [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
          },
        }),
        promisify(gzip)(body, { level: 9 }),
      ]);
      if (brotli.byteLength < body.byteLength) await writeFile(`${file}.br`, brotli);
      if (gzipped.byteLength < body.byteLength) await writeFile(`${file}.gz`, gzipped);
    }),
  );
}
