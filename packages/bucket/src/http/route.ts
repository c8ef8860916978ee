import type { DiskStore } from "../storage/disk-store.ts";
import { copyObject } from "./copy-object.ts";
import { deleteObject } from "./delete-object.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { getObject } from "./get-object.ts";
import { listObjectsV2 } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import { refuseSubResources } from "./request-target.ts";
import { S3Error } from "./s3-error.ts";

export interface Operations {
  readonly store: DiskStore;
  readonly bucket: string;
  readonly maxObjectSizeBytes: number;
}

const methodNotAllowed = (allow: string): S3Error =>
  new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    headers: { allow },
  });

/** Chooses the operation of a verified request on this bucket. */
export async function route(exchange: Exchange, operations: Operations): Promise<void> {
  const { request, query, key } = exchange;
  refuseSubResources(query);
  // A form upload, or a sub-resource that is not known here.
  if (request.method === "POST") throw notImplemented("POST");
  return key === "" ? routeBucket(exchange, operations) : routeObject(exchange, operations);
}

async function routeObject(exchange: Exchange, { store, bucket, maxObjectSizeBytes }: Operations) {
  switch (exchange.request.method) {
    case "GET":
    case "HEAD":
      return getObject(exchange, store);
    case "PUT": {
      const source = exchange.amz.get("x-amz-copy-source");
      return source === undefined
        ? putObject(exchange, store, maxObjectSizeBytes)
        : copyObject(exchange, store, bucket, source);
    }
    case "DELETE":
      return deleteObject(exchange, store);
    default:
      throw methodNotAllowed("GET, HEAD, PUT, DELETE, OPTIONS");
  }
}

async function routeBucket(exchange: Exchange, { store, bucket }: Operations) {
  switch (exchange.request.method) {
    case "GET":
      return listObjectsV2(exchange, store, bucket);
    case "HEAD":
      exchange.response.writeHead(200, { "content-length": 0 }).end();
      return;
    case "PUT":
    case "DELETE":
      throw notImplemented("making or removing buckets");
    default:
      throw methodNotAllowed("GET, HEAD, OPTIONS");
  }
}
