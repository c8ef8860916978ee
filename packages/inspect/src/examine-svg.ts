import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { withActiveContent } from "./active-content.ts";
import { readPixels } from "./decode-picture.ts";
import type { DecodeJob, Examination } from "./examination.ts";
import { damagedImage, refusalOf, tooManyPixels, unsupportedImage } from "./image-refusals.ts";
import { makeDerivatives, planDerivatives } from "./make-derivatives.ts";
import { withSvgLoader } from "./restrict-loaders.ts";
import { activeInSvg, isBeyondUs } from "./svg-text.ts";

const contentType = "image/svg+xml";

/** Larger drawings than that are maps and engravings; librsvg takes a hundred times as much memory. */
const maxSvgBytes = 8 * 1024 * 1024;

/**
 * Draws an SVG by librsvg, out of memory: a drawing that has no address of its own can refer to no file, and of a network
 * librsvg knows nothing. Scripts are not run, since there is nothing that runs them.
 */
export async function examineSvg(job: DecodeJob): Promise<Examination> {
  const bytes = await readFile(job.path);
  const text = bytes.toString("utf8");
  if (bytes.length > maxSvgBytes || isBeyondUs(text)) return unsupportedImage("SVG");
  try {
    return await withSvgLoader(async () => {
      const options = { failOn: "error", limitInputPixels: job.maxPixels } as const;
      const header = await sharp(bytes, { ...options, limitInputPixels: false }).metadata();
      if (header.format !== "svg") return damagedImage("SVG");
      const { width, height } = header;
      if (width * height > job.maxPixels) return tooManyPixels(width, height, 1, job.maxPixels);
      const plan = planDerivatives({ width, height }, job.derivatives, "image");
      const drawing = sharp(bytes, options).resize(plan.decodeSize.width, plan.decodeSize.height, {
        fit: "fill",
      });
      const picture = await readPixels(drawing.toColourspace("srgb"));
      const { pictures, thumbhash } = await makeDerivatives(picture, plan, {
        quality: job.webpQuality,
        effort: job.webpEffort,
      });
      const found = withActiveContent(activeInSvg(bytes));
      return { verdict: "accepted", contentType, image: { width, height, thumbhash }, ...found, pictures };
    });
  } catch (error) {
    return refusalOf(error, "SVG", job.maxPixels);
  }
}
