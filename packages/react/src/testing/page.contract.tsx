// The page of this package's tests: what they call is on globalThis.
import type { File, FileSource, Uploader } from "@stowage/client";
import { type BlobSource, blobSource, createBrowserUploader } from "@stowage/client/browser";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Activity, memo, type ReactElement, StrictMode, useEffect } from "react";
import { createRoot, type Root } from "react-dom/client";
import { Dropzone, type DropzoneProps, FileImage } from "../dom/index.ts";
import {
  createUploadQueue,
  type FileChanges,
  StowageProvider,
  type UploadItem,
  type UploadQueue,
  type UseFilesResult,
  type UseUploadsResult,
  useFileChanges,
  useFiles,
  useFileUrl,
  useStowage,
  useUploads,
} from "../index.ts";
import { FilePicture, type KeptPictures } from "../picture/index.ts";
import { UploadList, useUploadAnnouncement } from "../upload-list/index.ts";

interface MountOptions {
  readonly server: string;
  readonly zone?: Pick<DropzoneProps, "area" | "disabled" | "multiple">;
  readonly pageSize?: number;
  /** Tries of one request. Default: the client's. */
  readonly maxAttempts?: number;
  /** Shows pictures of the files. Default: their names. */
  readonly withPictures?: boolean;
  /** Shows pictures in steps, and what `keep` has kept of them. */
  readonly withKept?: boolean;
  /** Asks for links to the originals. */
  readonly withLinks?: boolean;
  /** Shows the uploads by the package's own list. */
  readonly withUploadList?: boolean;
  readonly strict?: boolean;
  /** In an `<Activity>`, which hides it or not. */
  readonly activity?: "visible" | "hidden";
  /** Shows another queue of the same client. */
  readonly withOtherQueue?: boolean;
  /** The same person as before. Default: another. */
  readonly isSame?: boolean;
}

const latest: {
  uploads?: UseUploadsResult;
  files?: UseFilesResult;
  trash?: UseFilesResult;
  changes?: FileChanges;
  client?: Uploader<FileSource>;
} = {};
const renders = new Map<string, number>();
/** Whether what one commit showed in two places was ever not the same. */
let hasTorn = false;

const Row = memo(function Row({ item }: { readonly item: UploadItem }): ReactElement {
  renders.set(item.name, (renders.get(item.name) ?? 0) + 1);
  return (
    <li>
      {item.name}: {item.state} {Math.round(item.fraction * 100)} %{item.problem && ` ${item.problem.detail}`}
    </li>
  );
});

function Summary(): ReactElement {
  const { totals } = useUploads();
  return <output>{totals.ready} ready</output>;
}

function Announcer(): ReactElement {
  const { id, text } = useUploadAnnouncement();
  return (
    <p role="status">
      <span key={id}>{text}</span>
    </p>
  );
}

function Uploads(): ReactElement {
  const uploads = useUploads();
  useEffect(() => {
    latest.uploads = uploads;
    const shown = document.querySelector("output")?.textContent;
    if (shown !== `${uploads.totals.ready} ready`) hasTorn = true;
  });
  return (
    <ul aria-label="Uploads">
      {uploads.items.map((item) => (
        <Row key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Link({ file }: { readonly file: File }): ReactElement {
  const { url, error } = useFileUrl(file.id, { disposition: "attachment" });
  return (
    <a href={url} data-code={error?.code}>
      {file.name}
    </a>
  );
}

/** What this device keeps, as a page tells it. */
const keptBlobs = new Map<string, Blob>();
const goneListeners = new Set<Parameters<KeptPictures["onGone"]>[0]>();
const kept: KeptPictures = {
  async cached(id, derivative) {
    const blob = keptBlobs.get(`${id} ${derivative}`);
    return blob && { blob, contentType: blob.type, version: 1 };
  },
  onGone(listener) {
    goneListeners.add(listener);
    return () => goneListeners.delete(listener);
  },
};

function Files({
  pageSize = 100,
  withPictures = false,
  withKept = false,
  withLinks = false,
}: MountOptions): ReactElement {
  const files = useFiles({ pageSize });
  const trash = useFiles({ scope: "trash" });
  const changes = useFileChanges();
  const { client } = useStowage();
  useEffect(() => {
    Object.assign(latest, { files, trash, changes, client });
  });
  return (
    <>
      <ol aria-label="Files">
        {files.files.map((file) => (
          <li key={file.id}>
            {withKept ? (
              <FilePicture file={file} kept={kept} style={{ width: 200 }} fallback="No picture" />
            ) : withPictures ? (
              <FileImage file={file} style={{ width: 200 }} fallback="No picture" />
            ) : withLinks ? (
              <Link file={file} />
            ) : (
              file.name
            )}
          </li>
        ))}
      </ol>
      <ol aria-label="Trash">
        {trash.files.map((file) => (
          <li key={file.id}>{file.name}</li>
        ))}
      </ol>
      {changes.problem && <p role="alert">{changes.problem.detail}</p>}
      <p id="below">What is below must not move.</p>
    </>
  );
}

const namedAction = (action: string, { name }: UploadItem): string => `${action}! ${name}`;

const queryClient = new QueryClient();
const dropped: string[] = [];
let root: Root | undefined;
let browserClient: Uploader<BlobSource> | undefined;
let otherQueue: UploadQueue<BlobSource> | undefined;

function App(options: MountOptions & { readonly client: Uploader<BlobSource> }): ReactElement {
  const { client, zone, activity } = options;
  if (options.withOtherQueue) otherQueue ??= createUploadQueue(client);
  const provider = (
    <StowageProvider client={client} queue={options.withOtherQueue ? otherQueue : undefined}>
      <Summary />
      <Announcer />
      <Dropzone
        {...zone}
        id="zone"
        style={{ padding: 40, border: "1px solid" }}
        addOptions={{ metadata: { from: "the page" } }}
        onUnreadable={(names) => dropped.push(...names.map((name) => `unreadable: ${name}`))}
      />
      <input id="field" aria-label="Field" />
      <Uploads />
      {options.withUploadList && (
        <UploadList
          id="list"
          classNames={{ item: "item of mine" }}
          words={{ list: "My uploads", action: (action) => `${action}!`, actionOf: namedAction }}
        />
      )}
      <Files {...options} />
    </StowageProvider>
  );
  const app = (
    <QueryClientProvider client={queryClient}>
      {activity ? <Activity mode={activity}>{provider}</Activity> : provider}
    </QueryClientProvider>
  );
  return options.strict ? <StrictMode>{app}</StrictMode> : app;
}

function mount(options: MountOptions): void {
  if (!options.isSame || !browserClient)
    browserClient = createBrowserUploader({
      server: options.server,
      getToken: async () => "token",
      ...(options.maxAttempts !== undefined && { maxAttempts: options.maxAttempts }),
    });
  root ??= createRoot(document.body.appendChild(document.createElement("div")));
  root.render(<App {...options} client={browserClient} />);
}

const named = (name: string): File => {
  const all = [...(latest.files?.files ?? []), ...(latest.trash?.files ?? [])];
  const file = all.find((one) => one.name === name);
  if (!file) throw new Error(`There is no ${name}.`);
  return file;
};

let overAnswer: readonly [isTaken: boolean, effect: string | undefined] | undefined;
document.addEventListener("dragover", (event) => {
  // After the window's own listeners.
  setTimeout(() => {
    overAnswer = [event.defaultPrevented, event.dataTransfer?.dropEffect];
  });
});

Object.assign(globalThis, {
  /** What the page told the browser of the last drag over it. */
  overAnswer: () => overAnswer,
  mount,
  unmount: () => root?.render(null),
  /** Adds files that the page makes; their bytes are their names. */
  add: (...names: string[]) =>
    latest.uploads?.add(names.map((name) => blobSource(new Blob([name], { type: "image/jpeg" }), name)))
      .length,
  addMany: (count: number) =>
    latest.uploads?.add(
      Array.from({ length: count }, (_, index) => {
        const name = `photo ${String(index).padStart(4, "0")}.jpg`;
        return blobSource(new Blob([name], { type: "image/jpeg" }), name);
      }),
    ).length,
  uploads: () =>
    latest.uploads?.items.map(({ name, state, problem }) => ({
      name,
      state,
      code: problem?.code ?? null,
    })),
  totals: () => latest.uploads?.totals,
  cancelAll: () => latest.uploads?.cancelAll(),
  files: () => latest.files?.files.map(({ name }) => name),
  filesStatus: () => latest.files?.status,
  trashed: () => latest.trash?.files.map(({ name }) => name),
  more: async () => void (await latest.files?.fetchNextPage()),
  refetch: async () => void (await latest.files?.refetch()),
  rename: (name: string, to: string) => latest.changes?.rename(named(name), to),
  trash: (name: string) => latest.changes?.trash(named(name)),
  restore: (name: string) => latest.changes?.restore(named(name)),
  purge: (name: string) => latest.changes?.purge(named(name)),
  /** As another program of the same person would. */
  async renameElsewhere(name: string, to: string) {
    await latest.client?.files.update(named(name).id, { name: to });
  },
  keep(id: string, derivative: string, base64: string) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    keptBlobs.set(`${id} ${derivative}`, new Blob([bytes], { type: "image/bmp" }));
  },
  lose(fileId: string) {
    keptBlobs.clear();
    for (const listener of goneListeners) listener({ fileId, reason: "refused" });
  },
  renders: () => Object.fromEntries(renders),
  hasTorn: () => hasTorn,
  unreadable: () => dropped,
  cachedQueries: () => queryClient.getQueryCache().getAll().length,
});
