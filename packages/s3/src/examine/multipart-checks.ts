import { type Examination, type ExaminedAnswer, sha256Base64 } from "./examination.ts";
import { mustBeRefused, type StoreCheck, unlessRefused } from "./store-check.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
async function create(examination: Examination, key: string): Promise<string> {
  const answer = await examination.sendSigned({
    method: "POST",
    key,
    query: { uploads: "" },
    headers: { "x-amz-checksum-algorithm": "SHA256", "content-type": "application/octet-stream" },
  });
  const uploadId = answer.isOk ? answer.xml().text("UploadId") : undefined;
  if (uploadId === undefined) throw new MultipartRefused("CreateMultipartUpload", answer);
  return uploadId;
}

class MultipartRefused extends Error {
  override readonly name = "MultipartRefused";
  readonly answer: ExaminedAnswer;
  constructor(what: string, answer: ExaminedAnswer) {
    super(what);
    this.answer = answer;
  }
}

/** Sends part 1 by a presigned URL as clients do; `body` instead of the bytes that were signed. */
const sendPart = (
  examination: Examination,
  part: { readonly key: string; readonly uploadId: string; readonly signed: Uint8Array },
  body = part.signed,
) =>
  examination.sendPresigned(
    {
      method: "PUT",
      key: part.key,
      query: { partNumber: "1", uploadId: part.uploadId },
      headers: {
        "content-length": String(part.signed.byteLength),
        "x-amz-checksum-sha256": sha256Base64(part.signed),
      },
      body: part.signed,
    },
    { body },
  );

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
const complete = (
  examination: Examination,
  { key, uploadId, signed }: { readonly key: string; readonly uploadId: string; readonly signed: Uint8Array },
  etag: string,
) =>
  examination.sendSigned({
    method: "POST",
    key,
    query: { uploadId },
    headers: { "if-none-match": "*", "content-type": "application/xml" },
    body: Buffer.from(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag><ChecksumSHA256>${sha256Base64(signed)}</ChecksumSHA256></Part></CompleteMultipartUpload>`,
    ),
  });

async function withUpload<T>(
  examination: Examination,
  key: string,
  work: (part: { key: string; uploadId: string; signed: Uint8Array }) => Promise<T>,
): Promise<T> {
  const uploadId = await create(examination, key);
  try {
    return await work({ key, uploadId, signed: examination.newBytes() });
  } finally {
    // What was completed is gone already; that is refused and does no harm.
    await examination.sendSigned({ method: "DELETE", key, query: { uploadId } });
  }
}

/** What uploads in parts rely on. */
export const multipartChecks: readonly StoreCheck[] = [
  {
    name: "multipart",
    async run(examination) {
      const key = examination.newKey();
      try {
        return await withUpload(examination, key, async (part) => {
          const sent = await sendPart(examination, part);
          if (!sent.isOk) return unlessRefused(sent, "UploadPart");
          const { uploadId } = part;
          const parts = await examination.sendSigned({ method: "GET", key, query: { uploadId } });
          if (!parts.isOk) return unlessRefused(parts, "ListParts");
          const uploads = await examination.sendSigned({
            method: "GET",
            query: { uploads: "", prefix: key },
          });
          if (!uploads.isOk) return unlessRefused(uploads, "ListMultipartUploads");
          const etag = sent.headers.etag ?? parts.xml().children("Part")[0]?.text("ETag") ?? "";
          return unlessRefused(await complete(examination, part, etag), "CompleteMultipartUpload");
        });
      } catch (error) {
        if (error instanceof MultipartRefused) return unlessRefused(error.answer, error.message);
        throw error;
      }
    },
  },
  {
    name: "part-checksum",
    run: (examination) =>
      withUpload(examination, examination.newKey(), async (part) =>
        mustBeRefused(await sendPart(examination, part, examination.newBytes())),
      ),
  },
  {
    name: "complete-if-none-match",
    async run(examination) {
      const key = examination.newKey();
      await examination.sendSigned({ method: "PUT", key, body: examination.newBytes() });
      return withUpload(examination, key, async (part) => {
        const sent = await sendPart(examination, part);
        if (!sent.isOk) return { outcome: "unknown", detail: "The part was refused." };
        return mustBeRefused(await complete(examination, part, sent.headers.etag ?? ""));
      });
    },
  },
];
