"use client";

export { Dropzone, type DropzoneProps } from "./dropzone.ts";
export { FileImage, type FileImageProps } from "./file-image.ts";
