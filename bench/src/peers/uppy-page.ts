// What the page of the Uppy contestant runs in Chromium: bundled by esbuild.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";

declare global {
  interface Window {
    /** The names of files that Uppy says have arrived. */
    arrived: string[];
    /** Sends what is picked; resolves once Uppy has ended. */
    send(companionEndpoint: string, limit: number): Promise<void>;
    /** What a person can do: Pause and Resume where it stands still, then Retry on each file that has not arrived. */
    again(): Promise<void>;
    /** Files that have not arrived as far as Uppy knows. */
    leftCount(): number;
  }
}

const uppy = new Uppy();
let sending: Promise<unknown> | undefined;
window.arrived = [];
uppy.on("upload-success", (file) => {
  if (file?.name) window.arrived.push(file.name);
});

const left = () => uppy.getFiles().filter(({ progress }) => !progress.uploadComplete);
window.leftCount = () => left().length;

window.send = async (companionEndpoint, limit) => {
  uppy.use(AwsS3, { companionEndpoint, limit });
  const { files } = document.querySelector("input") ?? {};
  uppy.addFiles([...(files ?? [])].map((data) => ({ name: data.name, type: data.type, data })));
  sending = uppy.upload().finally(() => {
    sending = undefined;
  });
  await sending;
};

window.again = async () => {
  if (sending) {
    uppy.pauseAll();
    uppy.resumeAll();
    await sending;
  }
  await Promise.allSettled(left().map(({ id }) => uppy.retryUpload(id)));
};
