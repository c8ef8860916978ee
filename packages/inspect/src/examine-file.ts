import { decideType } from "./decide-type.ts";
import type { Accepted, DecodeJob, Examination } from "./examination.ts";
import { examineImage } from "./examine-image.ts";
import { examinePdf } from "./examine-pdf.ts";
import { identifyContent } from "./identify-content.ts";
import { decodableFormats } from "./restrict-loaders.ts";

/**
 * What a file is, whether that is what was declared and allowed, and what is in it, where it is an image or a PDF.
 *
 * @param tellSoFar - told what stands should this function not come to its end
 */
export async function examineFile(
  job: DecodeJob,
  tellSoFar: (examination: Accepted) => Promise<void>,
): Promise<Examination> {
  const content = await identifyContent(job.path);
  const type = decideType(content, job.declaredContentType, job.allowedContentTypes);
  if (type.verdict === "rejected") return type;
  if (decodableFormats.has(type.contentType)) return examineImage(job, type.contentType);
  if (type.contentType === "application/pdf") return examinePdf(job, tellSoFar);
  return { verdict: "accepted", contentType: type.contentType, pictures: [] };
}
