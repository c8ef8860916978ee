import { createHash, randomBytes } from "node:crypto";

/** Bytes that the product accepts, and what is said of them beforehand. */
export interface Body {
  readonly bytes: Buffer;
  readonly sha256Hex: string;
  /** Default {@link bodyContentType}. */
  readonly contentType?: string;
}

export const bodyContentType = "application/pdf";

const head =
  "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>\nendobj\n";

/** A PDF of one empty page, and a stream of random bytes that makes it as large as asked: no two are alike. */
function pdfOf(sizeBytes: number): Buffer {
  const opening = Buffer.from(`${head}4 0 obj\n<< /Length ${sizeBytes} >>\nstream\n`.padEnd(512), "latin1");
  const closing = Buffer.from("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n", "latin1");
  const filling = randomBytes(sizeBytes - opening.length - closing.length);
  return Buffer.concat([opening, filling, closing]);
}

/** `count` different bodies, made before anything is measured. */
export function makeBodies(count: number, sizeBytes: number): Body[] {
  return Array.from({ length: count }, () => {
    const bytes = pdfOf(sizeBytes);
    return { bytes, sha256Hex: createHash("sha256").update(bytes).digest("hex") };
  });
}
