import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Body } from "./bodies.ts";

/** 12 megapixels, as most phones' cameras have. */
const width = 4000;
const height = 3000;

/** Photographs of the corpus, the largest in it. */
const corpusPhotos = ["images/2569067123_aca715a2ee_o.jpg", "images/gain-map.jpg"];

/**
 * Photographs of 12 megapixels: those of `STOWAGE_CORPUS`, enlarged, or else clouds; with as much noise as a sensor has, which is
 * what makes a camera's files as large as they are. Made by the programs of libvips.
 */
export function makePhotos(directory: string): Buffer[] {
  const corpus = process.env.STOWAGE_CORPUS ?? "";
  const found = corpusPhotos.map((name) => join(corpus, name)).filter((path) => existsSync(path));
  const sources = found.length > 0 ? found : [undefined];
  return sources.map((source, index) => {
    const path = (name: string): string => join(directory, `${index}-${name}`);
    if (source) run("vipsthumbnail", source, "--size", `${width}x${height}!`, "-o", path("drawn.v"));
    else makeClouds(path);
    run("vips", "gaussnoise", path("noise.v"), width, height, "--mean", 0, "--sigma", 5, "--seed", index + 1);
    run("vips", "add", path("drawn.v"), path("noise.v"), path("sum.v"));
    run("vips", "cast", path("sum.v"), path("photo.v"), "uchar");
    run("vips", "jpegsave", path("photo.v"), path("photo.jpg"), "--Q", 90);
    return readFileSync(path("photo.jpg"));
  });
}

function makeClouds(path: (name: string) => string): void {
  const bands = ["red.v", "green.v", "blue.v"];
  for (const [index, band] of bands.entries()) {
    run(
      "vips",
      "perlin",
      path("perlin.v"),
      width,
      height,
      "--cell-size",
      300 + index * 150,
      "--seed",
      index + 1,
    );
    run("vips", "linear", path("perlin.v"), path(band), 100, 128);
  }
  run("vips", "bandjoin", bands.map(path).join(" "), path("joined.v"));
  run("vips", "copy", path("joined.v"), path("drawn.v"), "--interpretation", "srgb");
}

/** Files that hold the same pictures, each with other bytes: what differs is a comment. */
export function photoBodies(photos: readonly Buffer[], count: number, label: string): Body[] {
  return Array.from({ length: count }, (_, index) => {
    const jpeg = photos[index % photos.length] ?? Buffer.alloc(0);
    const comment = Buffer.from(`${label} ${index}`.padEnd(64));
    const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
    const bytes = Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)]);
    const sha256Hex = createHash("sha256").update(bytes).digest("hex");
    return { bytes, sha256Hex, contentType: "image/jpeg" };
  });
}

function run(program: string, ...args: (string | number)[]): void {
  const { status, stderr, error } = spawnSync(program, args.map(String), { encoding: "utf8" });
  if (error) throw new Error(`${program} does not start (npm run test:setup installs it)`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
