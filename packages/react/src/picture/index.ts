"use client";

export { FilePicture, type FilePictureProps, type KeptPictures } from "./file-picture.ts";
export { useKept } from "./use-kept.ts";
