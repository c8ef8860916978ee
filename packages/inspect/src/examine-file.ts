import { canonicalContentType, commonName } from "./content-type.ts";
import { decideType } from "./decide-type.ts";
import type { Accepted, DecodeJob, Examination } from "./examination.ts";
import { examineArchive, isZip } from "./examine-archive.ts";
import { examineHeic } from "./examine-heic.ts";
import { examineImage } from "./examine-image.ts";
import { examinePdf } from "./examine-pdf.ts";
import { examineSvg } from "./examine-svg.ts";
import { examineVideo, filmReaders } from "./examine-video.ts";
import { identifyContent } from "./identify-content.ts";
import { decodableFormats } from "./restrict-loaders.ts";
import { secondTypeOf } from "./second-type.ts";
import { packPieces } from "./strip/packed-pieces.ts";
import { planRendition } from "./strip/plan-rendition.ts";
import { measurePieces } from "./strip/read-pieces.ts";
import { stripperVersion } from "./strip/stripper-version.ts";

const zip = "application/zip";

/** What a file is and holds, and what others than its owner may be given of it. */
export async function examineFile(
  job: DecodeJob,
  tellSoFar: (examination: Accepted) => Promise<void>,
): Promise<Examination> {
  const examination = await examineContent(job, tellSoFar);
  if (examination.verdict === "rejected") return examination;
  const { contentType } = examination;
  const plan = await planRendition(job.path, contentType);
  const rendition =
    plan.kind === "stripped"
      ? { kind: plan.kind, version: stripperVersion, ...(await measurePieces(job.path, plan.pieces)) }
      : { kind: plan.kind, version: stripperVersion };
  const pieces = plan.kind === "stripped" && job.wantsRendition ? { pieces: packPieces(plan.pieces) } : {};
  return { ...examination, rendition, ...pieces };
}

/**
 * What a file is, whether that is what was declared and allowed, and what is in it, where it is an image, a PDF or a film.
 *
 * @param tellSoFar - told what stands should this function not come to its end
 */
async function examineContent(
  job: DecodeJob,
  tellSoFar: (examination: Accepted) => Promise<void>,
): Promise<Examination> {
  const content = await identifyContent(job.path);
  const packed = await isZip(job.path);
  // Who declares a ZIP file has sent one, also where it is a document, an app or a library besides.
  const isDeclaredSo = packed && canonicalContentType(job.declaredContentType) === zip;
  const type = decideType(isDeclaredSo ? zip : content, job.declaredContentType, job.allowedContentTypes);
  if (type.verdict === "rejected") return type;
  const second = await secondTypeOf(job.path, type.contentType);
  if (second) {
    const detail = `The file is ${commonName(type.contentType)} and ${second} at once: files of two types are not taken.`;
    return { verdict: "rejected", code: "type-mismatch", detail };
  }
  if (decodableFormats.has(type.contentType)) return examineImage(job, type.contentType);
  if (type.contentType === "image/heic") return examineHeic(job);
  if (type.contentType === "image/svg+xml") return examineSvg(job);
  const readFilm = filmReaders.get(type.contentType);
  if (readFilm) return examineVideo(job, type.contentType, readFilm, tellSoFar);
  if (type.contentType === "application/pdf") return examinePdf(job, tellSoFar);
  if (packed) return examineArchive(job, type.contentType, content);
  return { verdict: "accepted", contentType: type.contentType, pictures: [] };
}
