import { withActiveContent } from "./active-content.ts";
import type { Picture } from "./decode-picture.ts";
import type { Size } from "./derivative-size.ts";
import type { Accepted, DecodeJob, Examination, Rejected } from "./examination.ts";
import { type Derivatives, makeDerivatives, planDerivatives } from "./make-derivatives.ts";
import { type OpenPdf, openPdf, PdfiumFailedError, type PdfPage } from "./open-pdf.ts";

/** Pages are drawn at the density of print at most: of a label no more is to be seen, however far it is enlarged. */
const maxPixelsPerPoint = 300 / 72;
/** The longest side of a page (ISO 32000-1, annex C): 200 inches. What claims more is drawn as if it were that long. */
const maxSidePoints = 14_400;

const contentType = "application/pdf";

/**
 * Opens a PDF, counts its pages and makes its derivatives and thumbhash from the first one (or the one asked for), drawn once. A page that
 * can't be drawn costs the document its pictures and nothing else.
 *
 * @param tellSoFar - told what to say of the file should drawing never come to an end
 * @param open - replaced by tests
 */
export async function examinePdf(
  job: DecodeJob,
  tellSoFar: (examination: Accepted) => Promise<void>,
  open: typeof openPdf = openPdf,
): Promise<Examination> {
  const document = await openOrRefuse(job.path, open);
  if ("verdict" in document) return document;
  const found = activeContentOf(document);
  if ("verdict" in found) return found;
  const facts = { pageCount: document.pageCount };
  const soFar: Accepted = { verdict: "accepted", contentType, document: facts, ...found, pictures: [] };
  await tellSoFar(soFar);
  try {
    const { page: number = 1 } = job;
    const page = document.page(number);
    if (!page) return damaged(number === 1 ? "its first page can't be read" : `page ${number} can't be read`);
    const made = await derivativesOf(page, job);
    if (made) {
      const { pictures, thumbhash } = made;
      return { ...soFar, document: { ...facts, thumbhash }, pictures };
    }
  } catch (error) {
    if (!(error instanceof PdfiumFailedError)) throw error;
  }
  return { ...soFar, document: { ...facts, undrawn: "failed" } };
}

async function openOrRefuse(path: string, open: typeof openPdf): Promise<OpenPdf | Accepted | Rejected> {
  try {
    const document = await open(path);
    if (document === "out-of-memory") {
      const detail = "The PDF needs more memory than one file may take while it is checked.";
      return { verdict: "rejected", code: "processing-failed", detail };
    }
    if (document === "damaged") return damaged("its pages can't be found");
    if ("lockedActiveContent" in document) {
      const found = withActiveContent(document.lockedActiveContent);
      return {
        verdict: "accepted",
        contentType,
        document: { passwordProtected: true },
        ...found,
        pictures: [],
      };
    }
    return document.pageCount > 0 ? document : damaged("it has no pages");
  } catch (error) {
    if (error instanceof PdfiumFailedError) return damaged("it can't be read to its end");
    throw error;
  }
}

/** A document that PDFium opens and can't write anew hides from it what it is made of. */
function activeContentOf(document: OpenPdf): ReturnType<typeof withActiveContent> | Rejected {
  try {
    return withActiveContent(document.activeContent());
  } catch (error) {
    if (error instanceof PdfiumFailedError) return damaged("what it is made of can't be read");
    throw error;
  }
}

/** @returns `undefined` where the page has no size, or needs more pixels than a picture may have */
async function derivativesOf(page: PdfPage, job: DecodeJob): Promise<Derivatives | undefined> {
  const size = pixelSizeOf(page);
  if (!size) return undefined;
  const plan = planDerivatives(size, job.derivatives, "document");
  const { width, height } = plan.decodeSize;
  if (width * height > job.maxPixels) return undefined;
  const picture: Picture = { data: page.draw(width, height), width, height, channels: 3 };
  return makeDerivatives(picture, plan, { quality: job.webpQuality, effort: job.webpEffort });
}

/** The most pixels that a page may be drawn in. */
function pixelSizeOf(page: PdfPage): Size | undefined {
  const pixels = (points: number): number =>
    Math.max(1, Math.round(Math.min(points, maxSidePoints) * maxPixelsPerPoint));
  const isSide = (points: number): boolean => Number.isFinite(points) && points > 0;
  if (!isSide(page.width) || !isSide(page.height)) return undefined;
  return { width: pixels(page.width), height: pixels(page.height) };
}

function damaged(how: string): Rejected {
  return { verdict: "rejected", code: "corrupt", detail: `The PDF is damaged or incomplete: ${how}.` };
}
