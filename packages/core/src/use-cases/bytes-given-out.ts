import type { FileRecord, FileVersionRecord, VersionFacts } from "../file.ts";
import type { OrderedDerivative } from "../ports/derivative-commands.ts";
import { knownRendition, renditionMadeAs, renditionName } from "../rendition.ts";
import type { VisibleFile } from "./get-file.ts";

/** The bytes of a version that somebody gets. */
export interface GivenBytes {
  readonly key: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export type BytesGivenOut =
  | ({ readonly kind: "given" } & GivenBytes)
  /** They are to be made first. */
  | { readonly kind: "ordered"; readonly order: OrderedDerivative }
  /** Nothing may be given but pictures. */
  | { readonly kind: "none" };

/** What a principal gets of a file's current version: its owner the original, others what it is to them. */
export const bytesGivenOut = ({ file, isOwn }: VisibleFile): BytesGivenOut =>
  isOwn || file.sharesOriginal ? given(file.current) : renditionGivenOut(file);

/** What an owner gets of the current version. */
export const givenToOwner = ({ file }: Pick<VisibleFile, "file">): GivenBytes => given(file.current);

/** What an owner gets of any version. */
export const versionGivenOut = (version: FileVersionRecord): GivenBytes & { readonly kind: "given" } =>
  given(version);

const given = ({ key, sizeBytes, sha256 }: GivenBytes): GivenBytes & { readonly kind: "given" } => ({
  kind: "given",
  key,
  sizeBytes,
  sha256,
});

function renditionGivenOut({ id, version, current }: FileRecord): BytesGivenOut {
  const rendition = knownRendition(current);
  if (rendition?.kind === "original") return given(current);
  if (rendition?.kind === "none") return { kind: "none" };
  const made = madeRendition(current);
  if (made && rendition) return given(made);
  return {
    kind: "ordered",
    order: { fileId: id, version, name: renditionName, page: 0, madeAs: renditionMadeAs },
  };
}

function madeRendition({ derivatives }: VersionFacts): GivenBytes | undefined {
  const made = derivatives.find(({ name, madeAs }) => name === renditionName && madeAs === renditionMadeAs);
  return made?.sha256 === undefined ? undefined : { ...made, sha256: made.sha256 };
}
