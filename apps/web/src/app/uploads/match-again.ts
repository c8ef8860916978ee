import type { UploadItem } from "@stowage/react";

interface Picked {
  readonly name: string;
  readonly size: number;
}

/**
 * Which picked file is which upload's: the one of its name and size. One file that is picked for one upload may be called
 * anything by now.
 */
export function matchAgain<File extends Picked>(
  items: readonly Pick<UploadItem, "id" | "name" | "sizeBytes">[],
  files: readonly File[],
): readonly (readonly [id: string, file: File])[] {
  const left = [...files];
  const take = (isIt: (file: File) => boolean): readonly File[] => {
    const at = left.findIndex(isIt);
    return at < 0 ? [] : left.splice(at, 1);
  };
  const isOne = items.length === 1 && files.length === 1;
  return items.flatMap(({ id, name, sizeBytes }) =>
    take((file) => file.size === sizeBytes && (isOne || file.name === name)).map(
      (file) => [id, file] as const,
    ),
  );
}
