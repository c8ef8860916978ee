import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { makePhotos, photoBodies } from "../load/photo-bodies.ts";
import { runVipsthumbnail } from "../peers/vipsthumbnail.ts";
import { startPhotoUploads } from "../product/photo-uploads.ts";
import { type Measure, sideBySide } from "./measure.ts";

/** Of each run; `--files` can only make it fewer. */
const mostPhotos = 40;

/** All that is done to verify 12 MP JPEGs, by every process of the server, against `vipsthumbnail` making the two pictures. */
export const p4: Measure = {
  name: "p4",
  async run(bench) {
    const photos = makePhotos(bench.directory);
    const count = Math.min(bench.filesPerRun, mostPhotos);
    const uploads = await startPhotoUploads(bench.directory);
    const directory = join(bench.directory, "vipsthumbnail");
    mkdirSync(directory);
    try {
      const rounds = await sideBySide(bench, "P4", {
        product: (round) => uploads.verify(photoBodies(photos, count, round), round),
        peer: (round) => runVipsthumbnail(directory, photoBodies(photos, count, round)),
      });
      const megabytes = photos.map(({ length }) => (length / 1e6).toFixed(1)).join(" and ");
      return [
        {
          name: "P4: verification of 12 MP JPEGs, CPU of all of the server's processes",
          peer: "vipsthumbnail, a process for each of the same two pictures",
          cpuBar: 1 / 0.95,
          concurrency: 1,
          rounds,
          remarks: [`P4: photographs of 4000 × 3000 pixels, ${megabytes} MB, ${count} a run.`],
        },
      ];
    } finally {
      await uploads.stop();
    }
  },
};
