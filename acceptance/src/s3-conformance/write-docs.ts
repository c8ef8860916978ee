// Writes the sections of docs/s3.md that the suite's declarations make.
import { readFile, writeFile } from "node:fs/promises";
import { s3DocsFile, withSuiteSections } from "./s3-docs.ts";

await writeFile(s3DocsFile, withSuiteSections(await readFile(s3DocsFile, "utf8")));
