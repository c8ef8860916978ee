// What an upload that goes well does not need, in one file that is loaded when it is: several would cut what they share
// with it into as many pieces, each of which every upload had to load.
export { createFiles } from "./files.ts";
export { askAfterUpload } from "./queue/ask-after-upload.ts";
export { endUpload } from "./queue/end-upload.ts";
export { createFindFiles } from "./queue/find-files.ts";
export { createHear } from "./queue/hear-programs.ts";
export { createUploads } from "./uploads.ts";
