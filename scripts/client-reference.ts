import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";

export interface Declaration {
  readonly name: string;
  /** As TypeScript declares it, with what is said of it and of its members. */
  readonly text: string;
}

/** What an entry exports, in the order of its `export` statements; re-exports are followed. */
export function declarationsOf(file: string): Declaration[] {
  const source = readFileSync(file, "utf8");
  const { program, comments } = parseSync(file, source);
  const own = new Map<string, string>();
  const found: Declaration[] = [];
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      found.push(...declarationsOf(resolved(file, statement.source.value)));
    } else if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      const { declaration } = statement;
      // A comment belongs to the statement that follows it at once.
      const comment = comments.findLast(
        ({ type, end }) =>
          type === "Block" && end <= statement.start && /^\s*$/.test(source.slice(end, statement.start)),
      );
      const text = source
        .slice(comment?.start ?? statement.start, statement.end)
        .replace(/\bexport (declare )?/, "");
      const names =
        "id" in declaration && declaration.id && "name" in declaration.id
          ? [declaration.id.name]
          : "declarations" in declaration
            ? declaration.declarations.map(({ id }) => ("name" in id ? id.name : ""))
            : [];
      for (const name of names) own.set(name, text);
    } else if (statement.type === "ExportNamedDeclaration") {
      const from = statement.source && resolved(file, statement.source.value);
      const known =
        from && from !== undefined ? new Map(declarationsOf(from).map((one) => [one.name, one])) : undefined;
      for (const { exported, local } of statement.specifiers) {
        const name = "name" in exported ? exported.name : exported.value;
        const localName = "name" in local ? local.name : local.value;
        const declared = known?.get(localName);
        // What comes from another package is described there.
        if (declared) found.push({ ...declared, name });
      }
    }
  }
  return [...found, ...[...own].map(([name, text]) => ({ name, text }))];
}

const resolved = (file: string, specifier: string): string =>
  specifier.startsWith(".") ? join(dirname(file), specifier.replace(/\.(js|ts)$/, ".d.ts")) : "";

/** The reference of a package's entries as Markdown. */
export function referenceOf(packageDirectory: string): string {
  const { name, exports } = JSON.parse(readFileSync(join(packageDirectory, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, { readonly types?: string }>>;
  };
  const chapters = Object.entries(exports).flatMap(([entry, { types }]) => {
    if (types === undefined) return [];
    const declarations = declarationsOf(join(packageDirectory, types));
    const sorted = declarations.toSorted((one, other) => one.name.localeCompare(other.name, "en"));
    const chapter = sorted.map(
      ({ name: declared, text }) => `### ${declared}\n\n\`\`\`ts\n${text}\n\`\`\`\n`,
    );
    return [`## ${name}${entry.slice(1)}\n\n${chapter.join("\n")}`];
  });
  return `# Reference of ${name}\n\nMade from the types by \`npm run client-reference\`. What it is for, and how it hangs together: [the client's API](client-api.md).\n\n${chapters.join("\n")}`;
}
