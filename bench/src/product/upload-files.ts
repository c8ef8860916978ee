// Sends files by the product's client, told of by STOWAGE_SERVER, STOWAGE_TOKEN, CONCURRENCY: src/load/upload-program.ts
import { uploadMany } from "@stowage/client";
import { createNodeUploader, nodeSource } from "@stowage/client/node";
import { filesToSend, tell } from "../load/upload-program.ts";

const { STOWAGE_SERVER = "", STOWAGE_TOKEN = "", CONCURRENCY = "" } = process.env;
const uploader = createNodeUploader({
  server: STOWAGE_SERVER,
  getToken: async () => STOWAGE_TOKEN,
  concurrency: Number(CONCURRENCY),
});

async function* sources() {
  for (const { path } of filesToSend()) yield await nodeSource(path);
}

tell({ is: "begun" });
await uploadMany(uploader, sources(), {
  wait: false,
  onOutcome: ({ file, error }) =>
    tell({ is: "file", name: file.name, ...(error !== undefined && { why: String(error) }) }),
});
tell({ is: "ended" });
