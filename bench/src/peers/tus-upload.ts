// Sends files by tus-js-client, told of by ENDPOINT, CONCURRENCY: src/load/upload-program.ts
import { createReadStream } from "node:fs";
import { Upload } from "tus-js-client";
import type { FileToSend } from "../load/file-set.ts";
import { filesToSend, tell } from "../load/upload-program.ts";

const { ENDPOINT = "", CONCURRENCY = "" } = process.env;

/** As its documentation shows them first. */
const retryDelays = [0, 3000, 5000, 10_000, 20_000];

const upload = ({ path, name, contentType }: FileToSend): Promise<string | undefined> =>
  new Promise((resolve) => {
    new Upload(createReadStream(path), {
      endpoint: ENDPOINT,
      retryDelays,
      metadata: { filename: name, filetype: contentType },
      onSuccess: () => resolve(undefined),
      onError: ({ message }) => resolve(message),
    }).start();
  });

const left = filesToSend();
tell({ is: "begun" });
await Promise.all(
  Array.from({ length: Number(CONCURRENCY) }, async () => {
    for (let file = left.shift(); file; file = left.shift()) {
      const why = await upload(file);
      tell({ is: "file", name: file.name, ...(why !== undefined && { why }) });
    }
  }),
);
tell({ is: "ended" });
