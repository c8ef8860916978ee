import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createS3Requests, type S3Place } from "../harness/s3-requests.ts";
import { startCeph } from "../harness/start-ceph.ts";
import { cephDifferences } from "./ceph-differences.ts";
import { describeConformance } from "./describe-conformance.ts";

const allowedOrigin = "https://app.example";

const corsRules = `<CORSConfiguration><CORSRule><AllowedOrigin>${allowedOrigin}</AllowedOrigin>
<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader>
<ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>`;

const lifecycleRules = `<LifecycleConfiguration><Rule><ID>landing</ID><Prefix>uploads/</Prefix><Status>Enabled</Status>
<Expiration><Days>1</Days></Expiration></Rule><Rule><ID>stale</ID><Prefix></Prefix><Status>Enabled</Status>
<AbortIncompleteMultipartUpload><DaysAfterInitiation>8</DaysAfterInitiation></AbortIncompleteMultipartUpload>
</Rule></LifecycleConfiguration>`;

/** The bucket as the embedded one is configured. */
async function makeBucket(place: S3Place): Promise<void> {
  const requests = createS3Requests(place);
  const put = async (query: Readonly<Record<string, string>>, body: string) => {
    const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
    const { status, text } = await requests.send("PUT", "", { query, body, headers });
    assert.equal(status, 200, text);
  };
  await put({}, "");
  await put({ cors: "" }, corsRules);
  await put({ lifecycle: "" }, lifecycleRules);
  requests.close();
}

describeConformance({
  name: "Ceph RGW 16.2",
  differences: cephDifferences,
  async start() {
    const { endpoint, credentials, stop } = await startCeph();
    const place = { endpoint, credentials, bucket: "conformance", region: "us-east-1" };
    try {
      await makeBucket(place);
    } catch (error) {
      await stop();
      throw error;
    }
    return { ...place, allowedOrigin, stop };
  },
});
