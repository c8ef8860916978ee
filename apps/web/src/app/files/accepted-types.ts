import type { Me } from "@stowage/client";
import { formatSize } from "../format/format-size.ts";
import { typeName } from "./file-kind.ts";

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** What may be uploaded, as a sentence, from what the server says: "JPEG, PNG and PDF up to 20 MB; MP4 up to 2 GB." */
export function describeAcceptedTypes({ profiles }: Pick<Me, "profiles">): string | undefined {
  const types = profiles.find(({ name }) => name === "default")?.types ?? profiles[0]?.types ?? [];
  if (types.length === 0) return undefined;
  const bySize = Map.groupBy(types, ({ maxSizeBytes }) => maxSizeBytes);
  const sentences = [...bySize].map(
    ([maxSizeBytes, some]) =>
      `${list.format(some.map(({ contentType }) => typeName(contentType)))} up to ${formatSize(maxSizeBytes)}`,
  );
  return `${sentences.join("; ")}.`;
}
