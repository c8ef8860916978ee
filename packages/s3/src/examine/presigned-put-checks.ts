import { type Examination, signedPutHeaders } from "./examination.ts";
import { enforced, mustBeRefused, type StoreCheck, unlessRefused } from "./store-check.ts";

const put = (examination: Examination, bytes: Uint8Array, key = examination.newKey()) => ({
  method: "PUT" as const,
  key,
  headers: signedPutHeaders(bytes),
  body: bytes,
});

/** A URL that lived for one minute ended one minute ago. */
const signedMinutesAgo = 2;

/** What holds the bearer of a presigned PUT to what was signed. */
export const presignedPutChecks: readonly StoreCheck[] = [
  {
    name: "presigned-put",
    async run(examination) {
      const answer = await examination.sendPresigned(put(examination, examination.newBytes()));
      return unlessRefused(answer);
    },
  },
  {
    name: "checksum",
    async run(examination) {
      const [signed, other] = [examination.newBytes(), examination.newBytes()];
      return mustBeRefused(await examination.sendPresigned(put(examination, signed), { body: other }));
    },
  },
  {
    name: "if-none-match",
    async run(examination) {
      const [first, second, key] = [examination.newBytes(), examination.newBytes(), examination.newKey()];
      const taken = await examination.sendPresigned(put(examination, first, key));
      if (!taken.isOk) return { outcome: "unknown", detail: "The first PUT was refused." };
      return mustBeRefused(await examination.sendPresigned(put(examination, second, key)));
    },
  },
  {
    name: "content-length",
    async run(examination) {
      const bytes = examination.newBytes();
      const bent = [
        ["a longer body", { body: Buffer.concat([bytes, bytes]) }],
        ["a shorter body", { body: bytes.subarray(0, 32) }],
        ["a body of no stated length", { unsigned: { "transfer-encoding": "chunked" } }],
      ] as const;
      for (const [what, sent] of bent) {
        const answer = await examination.sendPresigned(put(examination, bytes), sent);
        const result = mustBeRefused(answer, `It took ${what}.`);
        if (result.outcome !== "yes") return result;
      }
      return enforced;
    },
  },
  {
    name: "signed-headers",
    async run(examination) {
      const request = put(examination, examination.newBytes());
      return mustBeRefused(
        await examination.sendPresigned(request, { unsigned: { "x-amz-meta-probe": "1" } }),
      );
    },
  },
  {
    name: "copy-source",
    async run(examination) {
      const [secret, own, source] = [examination.newBytes(), examination.newBytes(), examination.newKey()];
      await examination.sendPresigned(put(examination, secret, source));
      const request = put(examination, own);
      const unsigned = { "x-amz-copy-source": `/${examination.bucket}/${source}` };
      const answer = await examination.sendPresigned(request, { unsigned });
      const stored = await examination.sendSigned({ method: "GET", key: request.key });
      // Where the header is taken and ignored, the object is the body that was sent.
      if (answer.isOk && stored.text === own.toString()) return enforced;
      return mustBeRefused(answer);
    },
  },
  {
    name: "expiry",
    async run(examination) {
      const signedAtMs = examination.nowMs() - signedMinutesAgo * 60_000;
      return mustBeRefused(
        await examination.sendPresigned(put(examination, examination.newBytes()), {
          signedAtMs,
          expiresInSeconds: 60,
        }),
      );
    },
  },
];
