import { HardLinksLostError, MasterKeyMismatchError } from "@stowage/bucket";
import { StoreUnavailableError } from "@stowage/core";
import { examineObjectStore, type StoreCheckName, type StoreFinding } from "@stowage/s3";
import { serveBucket } from "../data-directory-stores.ts";
import { bucketName, bucketRegion } from "../process-setup.ts";
import type { Running } from "../running.ts";
import type { Secrets } from "../secrets.ts";
import { type Diagnosis, failed, ok, sentenceOf, warning } from "./diagnosis.ts";

const check = "bucket";

interface Meaning {
  readonly status: "warning" | "failed";
  readonly sentence: string;
  readonly fix: string;
}

const proxy = "Look at what stands between here and the bucket: a proxy must change nothing of a request.";
const another = "Use a store that does, such as the built-in bucket.";

/** What it means where a check is not passed. */
const meanings: Readonly<Record<StoreCheckName, Meaning>> = {
  "presigned-put": { status: "failed", sentence: "A presigned PUT that is in order is refused.", fix: proxy },
  checksum: {
    status: "warning",
    sentence:
      "It takes other bytes than those that were signed; they are rejected only once they are checked.",
    fix: another,
  },
  "if-none-match": {
    status: "warning",
    sentence: "It lets a URL be used twice; room that an abort frees is held until the URL has ended.",
    fix: another,
  },
  "content-length": {
    status: "failed",
    sentence: "It takes bodies of another length than the signed one, and so of any size.",
    fix: another,
  },
  "signed-headers": {
    status: "warning",
    sentence: "It acts on headers that were not signed; Stowage signs an ACL, so that nobody can publish.",
    fix: another,
  },
  "copy-source": {
    status: "failed",
    sentence:
      "Who may send a file can copy any object whose key they know into it (an unsigned x-amz-copy-source).",
    fix: "Let your proxy drop x-amz-copy-source from requests with a signature in their query, or use another store.",
  },
  expiry: {
    status: "failed",
    sentence: "It takes URLs that have ended.",
    fix: "Set its clock right (NTP), or use another store.",
  },
  clock: { status: "failed", sentence: "Its clock differs from ours.", fix: "Set both clocks right (NTP)." },
  "anonymous-read": {
    status: "failed",
    sentence: "Anybody can read its objects without a signature.",
    fix: "Block public access to the bucket.",
  },
  "anonymous-list": {
    status: "failed",
    sentence: "Anybody can list its objects without a signature.",
    fix: "Block public access to the bucket.",
  },
  permissions: {
    status: "failed",
    sentence: "Our credentials lack a permission.",
    fix: "Allow GetObject, PutObject, DeleteObject and ListBucket.",
  },
  "security-headers": {
    status: "warning",
    sentence: "Files come without nosniff and a sandboxing policy; they are given as attachments only.",
    fix: "Let the proxy in front keep, or set, x-content-type-options and content-security-policy.",
  },
  cors: {
    status: "failed",
    sentence: "Our own pages can't send files to it.",
    fix: "Allow the origin in the bucket's CORS, with ETag exposed; a proxy must pass OPTIONS on.",
  },
  "cors-others": {
    status: "warning",
    sentence: "Pages of any origin may send files to it, if they have a URL.",
    fix: "Name your own origins in the bucket's CORS.",
  },
  multipart: {
    status: "failed",
    sentence: "Files can't be sent in parts, so none above 20 MB.",
    fix: "Allow PutObject, ListMultipartUploadParts, ListBucketMultipartUploads and AbortMultipartUpload.",
  },
  "part-checksum": {
    status: "warning",
    sentence: "It takes other bytes for a part than those that were signed; they are rejected once checked.",
    fix: another,
  },
  "complete-if-none-match": {
    status: "warning",
    sentence: "It ignores If-None-Match where parts are joined; the key is one that nobody else knows.",
    fix: another,
  },
};

const diagnosisOf = ({ check: name, outcome, detail }: StoreFinding): Diagnosis => {
  const { status, sentence, fix } = meanings[name];
  const checkName = `bucket-${name}`;
  const words = (first: string) => (detail === undefined ? first : `${first} ${detail}`);
  if (outcome === "yes") return ok(checkName, "As it should be.");
  if (outcome === "unknown") return warning(checkName, words("This could not be found out."), proxy);
  return { check: checkName, status, detail: words(sentence), fix };
};

/**
 * The bucket, and all that it must refuse: that of the server where one runs, through its public origin; else the
 * directory's, served by this process to itself.
 */
export async function checkBucket(options: {
  readonly dataDir: string;
  readonly secrets: Secrets;
  /** Where a server runs. */
  readonly running: Running | undefined;
  readonly origins: readonly string[];
}): Promise<Diagnosis[]> {
  const { dataDir, secrets, running, origins } = options;
  try {
    if (running)
      return summed(
        await examineObjectStore({
          endpoint: running.internalBucket ?? running.bucket,
          publicEndpoint: running.bucket,
          region: bucketRegion,
          bucket: bucketName,
          credentials: {
            accessKeyId: secrets.bucketAccessKeyId,
            secretAccessKey: secrets.bucketSecretAccessKey,
          },
          origins,
        }),
        `The bucket at ${running.bucket}`,
      );
    await using bucket = await serveBucket(dataDir, secrets, { corsOrigins: origins });
    return summed(
      await examineObjectStore({ ...bucket.access, origins }),
      "The bucket, started here for a moment,",
    );
  } catch (error) {
    return [whyNot(error)];
  }
}

/** One line for all that is well. */
function summed(findings: readonly StoreFinding[], what: string): Diagnosis[] {
  const diagnoses = findings.map(diagnosisOf);
  const bad = diagnoses.filter(({ status }) => status !== "ok");
  const good = diagnoses.length - bad.length;
  return [ok(check, `${what} does ${good} of ${diagnoses.length} things as it should.`), ...bad];
}

function whyNot(error: unknown): Diagnosis {
  if (error instanceof MasterKeyMismatchError)
    return failed(
      "master-key",
      sentenceOf(error),
      "Put the secrets.json back that belongs to this bucket; both are in one backup.",
    );
  if (error instanceof HardLinksLostError)
    return failed(check, sentenceOf(error), "Copy it again from the original: cp -a, rsync -aH, or tar.");
  if (error instanceof StoreUnavailableError)
    return failed(
      check,
      "A server runs, but its bucket does not answer.",
      "Look at what the server says on its standard error, then start it again.",
    );
  return failed(
    check,
    `The bucket's directory can't be used: ${sentenceOf(error)}`,
    "Look at the permissions below bucket/, and at the disk.",
  );
}
