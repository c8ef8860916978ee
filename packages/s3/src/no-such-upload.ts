import type { S3AnswerError } from "./s3-answer-error.ts";

/** Whether a request that named a multipart upload was told that there is none. Ceph RGW 16.2 says `NoSuchKey`. */
export const isNoSuchUpload = ({ code }: S3AnswerError): boolean =>
  code === "NoSuchUpload" || code === "NoSuchKey";
