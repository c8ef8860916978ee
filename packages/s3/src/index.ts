export { createS3ObjectStore, type S3ObjectStoreOptions } from "./create-s3-object-store.ts";
export {
  examineObjectStore,
  type StoreCheckName,
  type StoreFinding,
} from "./examine/examine-object-store.ts";
export { probeObjectStore } from "./probe-object-store.ts";
export { S3AnswerError } from "./s3-answer-error.ts";
