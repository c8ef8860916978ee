import { makePhotos, photoBodies } from "../load/photo-bodies.ts";
import { photoLanes, startPhotoUploads } from "../product/photo-uploads.ts";
import { type Measure, sideBySide } from "./measure.ts";

/** Of each run; `--files` can only make it fewer. */
const mostPhotos = 64;

/** Create, PUT and complete of 12 MP JPEGs until they are ready, against the worker alone, with all uploaded before. */
export const p2b: Measure = {
  name: "p2b",
  async run(bench) {
    const photos = makePhotos(bench.directory);
    const count = Math.min(bench.filesPerRun, mostPhotos);
    const uploads = await startPhotoUploads(bench.directory);
    try {
      const rounds = await sideBySide(bench, "P2b", {
        product: (round) => uploads.upload(photoBodies(photos, count, `u${round}`), `u${round}`),
        peer: (round) => uploads.verify(photoBodies(photos, count, `v${round}`), `v${round}`),
      });
      return [
        {
          name: "P2b: create + PUT + complete of 12 MP JPEGs to ready",
          peer: "the worker alone, with all uploaded before",
          bar: 0.85,
          concurrency: photoLanes,
          rounds,
        },
      ];
    } finally {
      await uploads.stop();
    }
  },
};
