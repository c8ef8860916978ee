import assert from "node:assert/strict";
import { contentDisposition, mintDownloads } from "@stowage/core";
import { digestOf, nameOf, sha256Of } from "./content.testing.ts";
import type { ModelFile, ModelVersion } from "./lifecycle-model.testing.ts";
import type { LifecycleRun } from "./lifecycle-run.testing.ts";

/** Downloads of larger files are tried now and then. */
const smallBytes = 100_000;

/** A version of a file by its number, or its current one. */
const nameOfRequest = ({ id, version }: { readonly id: string; readonly version?: number }): string =>
  `${id} ${version ?? "current"}`;

/** Of files that are ready every version that was not deleted is given out, and nothing else. */
export async function holdDownloads(run: LifecycleRun): Promise<void> {
  const { machine, model } = run;
  const purged = [...model.purged].map(([id, latestVersion]) => ({ id, latestVersion }));
  for (const owner of [0, 1] as const) {
    const person = { id: model.people[owner] ?? "" };
    const services = machine.services(machine, model.limits[owner]);
    const own = model.files.filter((file) => file.owner === owner);
    const asked = [
      ...model.uploads.filter((upload) => upload.owner === owner).map(({ fileId: id }) => ({ id })),
      ...[...own, ...purged].flatMap(({ id, latestVersion }) =>
        Array.from({ length: latestVersion }, (_, index) => ({ id, version: index + 1 })),
      ),
    ];
    const answers = await mintDownloads(services, person, asked);
    const given = asked.filter((_, index) => "request" in (answers[index] ?? {})).map(nameOfRequest);
    const ready = own
      .filter(({ state }) => state === "ready")
      .flatMap(({ id, versions }) => [{ id }, ...versions.map(({ number }) => ({ id, version: number }))]);
    assert.deepEqual([...new Set(given)].sort(), ready.map(nameOfRequest).sort(), "what is given out");
  }
  const ready = model.files
    .filter(({ state }) => state === "ready")
    .flatMap((file) => file.versions.map((version) => ({ file, version })));
  const newest = ready.at(-1);
  const another = ready[run.stepsTaken % Math.max(1, ready.length)];
  for (const each of new Set([newest, another]))
    if (each && (each.version.content.sizeBytes < smallBytes || run.stepsTaken % 8 === 0))
      await holdBytes(run, each.file, each.version);
}

/** What is served is what was verified, and what its client had; under the file's name, or the one that it was sent under. */
export async function holdBytes(
  { machine, model }: LifecycleRun,
  file: ModelFile,
  version: ModelVersion,
): Promise<void> {
  const services = machine.services(machine, model.limits[file.owner]);
  const person = { id: model.ownerOf(file) };
  const [answer] = await mintDownloads(services, person, [{ id: file.id, version: version.number }]);
  const what = `version ${version.number} of ${file.id}`;
  assert.ok(answer && "request" in answer, `${what} is not given out`);
  const name = version === file.current ? file.name : nameOf(version.upload.content);
  assert.equal(
    new URL(answer.request.url).searchParams.get("response-content-disposition"),
    contentDisposition("attachment", name),
  );
  // Signed by the services' clock, held to the store's.
  const bytes = await machine.fetch(answer.request);
  assert.equal(sha256Of(bytes), digestOf(version.content), `the bytes of ${what}`);
}
