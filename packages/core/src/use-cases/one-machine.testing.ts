import { createHash } from "node:crypto";
import type { VersionOfFile } from "../file.ts";
import { multipartKey, newStoragePrefix } from "../keys.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { Inspection, InspectionRequest, Inspector } from "../ports/inspector.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import type { Scanner } from "../ports/scanner.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import { stripperVersion } from "../rendition.ts";
import { memoryArchiveWriter } from "../testing/memory-archive-writer.ts";
import { createMemoryMetadataStore } from "../testing/memory-metadata-store.ts";
import { createMemoryObjectStore, type MemoryObjectStore } from "../testing/memory-object-store.ts";
import { testPassphrases, testTokens } from "../testing/quick-secrets.testing.ts";
import type { UploadRecord } from "../upload.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { createUploads } from "./create-uploads.ts";
import type { FileIntent } from "./decide-intent.ts";
import type { ArchivePorts } from "./make-archive.ts";
import type { ServicePorts } from "./ports.ts";
import type { WorkerPorts } from "./process-upload.ts";

/** Everything that the use cases need, in memory, with a clock that stands still until it is moved. */
export interface OneMachine {
  readonly services: ServicePorts & { readonly metadata: MetadataStore };
  readonly worker: WorkerPorts;
  readonly packer: ArchivePorts;
  readonly objects: MemoryObjectStore;
  readonly wakes: { count: number };
  advance(ms: number): void;
  /** What the inspector answers next; by default it accepts what has the declared size and digest. */
  inspectNext(
    answer: (request: InspectionRequest, body: Uint8Array) => Inspection | Promise<Inspection>,
  ): void;
  person(subject: string): Promise<{ id: string }>;
  /** Announces bytes as a photograph; answers the upload and its request. `more` goes before what is said else. */
  announce(
    person: { id: string },
    bytes: Uint8Array,
    ref?: string,
    more?: Partial<FileIntent>,
  ): Promise<{ id: string; fileId: string; request: PresignedRequest }>;
  /** Announces bytes as a video in parts of so many bytes (not 8 MiB, so that bytes are few); answers its row. */
  announceInParts(
    person: { id: string },
    bytes: Uint8Array,
    partSizeBytes: number,
    replaces?: VersionOfFile,
  ): Promise<UploadRecord>;
  /** Claims and answers the next upload, or fails. */
  claim(): Promise<Awaited<ReturnType<MetadataStore["claimUpload"]>> & object>;
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const leaseMs = 60_000;

export function createOneMachine(
  o: {
    limits?: Partial<Limits>;
    maxArchiveBytes?: number;
    scanner?: Scanner;
    /** Default: `default` alone. */
    profiles?: ReadonlyMap<string, Profile>;
    capabilities?: {
      enforcesIfNoneMatch?: boolean;
      enforcesChecksum?: boolean;
      setsSecurityHeaders?: boolean;
    };
  } = {},
): OneMachine {
  let nowMs = Date.parse("2026-06-01T12:00:00Z");
  let counter = 0;
  const clock: Clock = { nowMs: () => nowMs };
  const ids = {
    newId: () => {
      counter += 1;
      return uuidV7(
        nowMs,
        Uint8Array.from({ length: 10 }, (_, index) => (counter >> (8 * (index % 4))) & 0xff),
      );
    },
    newKeyPart: () => {
      counter += 1;
      return createHash("sha256").update(String(counter)).digest("hex").slice(0, 32);
    },
  };
  const metadata = createMemoryMetadataStore({ clock });
  const objects = createMemoryObjectStore({
    clock,
    ...(o.capabilities ? { capabilities: o.capabilities } : {}),
  });
  const profiles = o.profiles ?? new Map([[defaultProfile.name, defaultProfile]]);
  const wakes = { count: 0 };
  const services: ServicePorts = {
    metadata,
    objects,
    clock,
    ids,
    limits: { ...defaultLimits, ...o.limits },
    profiles,
    tokens: testTokens,
    passphrases: testPassphrases,
    wakeWorker: () => {
      wakes.count += 1;
    },
  };
  let nextAnswer:
    | ((request: InspectionRequest, body: Uint8Array) => Inspection | Promise<Inspection>)
    | undefined;
  const inspector: Inspector = {
    inspect: async (request) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request.body) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const answer = nextAnswer ?? acceptDeclared;
      nextAnswer = undefined;
      return answer(request, body);
    },
  };
  return {
    services,
    worker: { metadata, objects, inspector, scanner: o.scanner, clock, profiles },
    packer: {
      metadata,
      objects,
      clock,
      archives: memoryArchiveWriter,
      newSha256: () => {
        const hash = createHash("sha256");
        return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
      },
      maxArchiveBytes: o.maxArchiveBytes ?? 0,
    },
    objects,
    wakes,
    advance: (ms) => {
      nowMs += ms;
    },
    inspectNext: (answer) => {
      nextAnswer = answer;
    },
    person: (subject) =>
      metadata.ensurePrincipal({ issuer: "https://issuer.example", subject, newId: ids.newId() }),
    announce: async (person, bytes, ref, more = {}) => {
      const [answer] = await createUploads(services, person, [
        {
          name: "photo.jpg",
          sizeBytes: bytes.byteLength,
          contentType: "image/jpeg",
          sha256: sha256Of(bytes),
          ...(ref === undefined ? {} : { ref }),
          ...more,
        },
      ]);
      if (!answer || "refusal" in answer || !answer.request)
        throw new Error(`not announced: ${JSON.stringify(answer)}`);
      return { id: answer.upload.id, fileId: answer.upload.fileId, request: answer.request };
    },
    announceInParts: async (person, bytes, partSizeBytes, replaces) => {
      const storagePrefix = newStoragePrefix(ids);
      const [outcome] = await metadata.createUploads({
        ownerId: person.id,
        quotaBytes: services.limits.quotaBytes,
        maxOpenUploads: services.limits.openUploads,
        uploadLifetimeMs: services.limits.uploadLifetimeSeconds * 1000,
        urlLifetimeMs: services.limits.urlLifetimeSeconds * 1000,
        items: [
          {
            id: ids.newId(),
            fileId: ids.newId(),
            name: "film.mp4",
            sizeBytes: bytes.byteLength,
            contentType: "video/mp4",
            profile: defaultProfile.name,
            metadata: {},
            landingKey: multipartKey({ storagePrefix }),
            storagePrefix,
            multipart: { partSizeBytes },
            ...(replaces ? { replaces } : {}),
          },
        ],
      });
      if (outcome?.outcome !== "created") throw new Error(`not announced: ${JSON.stringify(outcome)}`);
      return outcome.upload;
    },
    claim: async () => {
      const upload = await metadata.claimUpload({ leaseMs });
      if (!upload) throw new Error("There was nothing to claim.");
      return upload;
    },
  };
}

function acceptDeclared(request: InspectionRequest, body: Uint8Array): Inspection {
  const sha256 = sha256Of(body);
  const { declaredSha256 = sha256, declaredParts } = request;
  const isChanged = declaredParts?.sha256s.some((digest, index) => {
    const { sizeBytes } = declaredParts;
    return sha256Of(body.subarray(index * sizeBytes, (index + 1) * sizeBytes)) !== digest;
  });
  if (sha256 !== declaredSha256 || isChanged)
    return { verdict: "rejected", code: "checksum-mismatch", detail: "Other bytes than declared." };
  return {
    verdict: "accepted",
    sizeBytes: body.byteLength,
    sha256,
    contentType: request.declaredContentType,
    image: { width: 40, height: 30, takenAt: "2020-02-03T04:05:06Z" },
    rendition: { kind: "original", version: stripperVersion },
    derivatives: request.derivatives
      .filter(({ of }) => of === undefined || request.declaredContentType.startsWith(`${of}/`))
      .map(({ name }) => {
        const bytes = Buffer.from(`picture ${name}`);
        return { name, contentType: "image/webp", width: 4, height: 3, bytes, sha256: sha256Of(bytes) };
      }),
  };
}
