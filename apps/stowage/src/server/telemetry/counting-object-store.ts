import { type ObjectStore, StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { Counter, Histogram, type Registry } from "prom-client";

/** Up to the ten seconds of silence after which a call is given up. */
const seconds = [0.005, 0.02, 0.1, 0.5, 2, 10];

/** The same store, with its calls counted and timed, and what is presigned counted. */
export function countingObjectStore(objects: ObjectStore, registry: Registry): ObjectStore {
  const registers = [registry];
  const calls = new Counter({
    name: "stowage_storage_calls_total",
    help: "Calls to the object storage by API and worker, retries within a call not counted.",
    labelNames: ["operation", "outcome"],
    registers,
  });
  const durations = new Histogram({
    name: "stowage_storage_call_duration_seconds",
    help: "To the answer of a call; of a read to its head, not to its last byte.",
    labelNames: ["operation"],
    buckets: seconds,
    registers,
  });
  const presigned = new Counter({
    name: "stowage_presigned_requests_total",
    help: "Requests that were signed for clients.",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of ["put", "part", "get"]) presigned.inc({ kind }, 0);

  const counted =
    <Arguments extends unknown[], Result>(
      operation: string,
      call: (...given: Arguments) => Promise<Result>,
    ) =>
    async (...given: Arguments): Promise<Result> => {
      const end = durations.startTimer({ operation });
      try {
        const result = await call(...given);
        calls.inc({ operation, outcome: "answered" });
        return result;
      } catch (error) {
        calls.inc({ operation, outcome: outcomeOf(error) });
        throw error;
      } finally {
        end();
      }
    };

  return {
    ...objects,
    presignPut: (put) => {
      presigned.inc({ kind: "put" });
      return objects.presignPut(put);
    },
    presignPart: (part) => {
      presigned.inc({ kind: "part" });
      return objects.presignPart(part);
    },
    presignGet: (get) => {
      presigned.inc({ kind: "get" });
      return objects.presignGet(get);
    },
    head: counted("head", objects.head),
    get: counted("get", objects.get),
    put: counted("put", objects.put),
    copy: counted("copy", objects.copy),
    delete: counted("delete", objects.delete),
    createMultipartUpload: counted("create-multipart", objects.createMultipartUpload),
    putPart: counted("put-part", objects.putPart),
    listParts: counted("list-parts", objects.listParts),
    completeMultipartUpload: counted("complete-multipart", objects.completeMultipartUpload),
    abortMultipartUpload: counted("abort-multipart", objects.abortMultipartUpload),
    listMultipartUploads: counted("list-multiparts", objects.listMultipartUploads),
    list: counted("list", objects.list),
    readClock: counted("read-clock", objects.readClock),
  };
}

function outcomeOf(error: unknown): "unavailable" | "refused" | "failed" {
  if (error instanceof StoreUnavailableError) return "unavailable";
  return error instanceof StoreRefusedError ? "refused" : "failed";
}
