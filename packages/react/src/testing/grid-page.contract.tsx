// The page of the grid's tests: what they call is on globalThis.
import type { File } from "@stowage/client";
import { createBrowserUploader } from "@stowage/client/browser";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { FileGrid, type FileGridHandle, useSelection } from "../grid/index.ts";
import { StowageProvider } from "../index.ts";

interface MountOptions {
  readonly count: number;
  /** Files of which a page has so many are asked for as the end nears; the first is there. */
  readonly pageSize?: number;
  readonly withSelection?: boolean;
  readonly withSections?: boolean;
  readonly withLinks?: boolean;
  readonly direction?: "rtl";
  /** The grid is in an element of this height that scrolls. */
  readonly scrollerHeight?: number;
}

const picture = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="#487"/></svg>',
)}`;
const shapes = [1.5, 0.75, 1.33, 1.5, 1, 0.67, 1.78] as const;

function makeFile(name: string, at: number): File {
  const ratio = shapes[at % shapes.length] ?? 1;
  const [width, height] = [Math.round(200 * ratio), 200];
  return {
    id: name,
    name,
    contentType: "image/jpeg",
    owner: { id: "me" },
    state: "ready",
    visibility: "private",
    version: 1,
    conflicts: 0,
    metadata: {},
    createdAt: "2026-11-26T12:00:00Z",
    width,
    height,
    thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI",
    derivatives: [{ name: "thumbnail", contentType: "image/webp", width, height, sizeBytes: 9 }],
    access: { can: ["read"], because: "owner" },
  };
}

// The API that gives out pictures.
globalThis.fetch = async (_address, init) => {
  const { files } = JSON.parse(String(init?.body)) as { readonly files: readonly { readonly id: string }[] };
  const request = { method: "GET", url: picture, headers: {}, expiresInSeconds: 600 };
  return Response.json({ items: files.map(({ id }) => ({ id, request })) });
};

const client = createBrowserUploader({ server: location.origin, getToken: async () => "token" });
const queryClient = new QueryClient();
const opened: string[] = [];
const latest: { files: readonly File[]; handle: FileGridHandle | null; asked: number } = {
  files: [],
  handle: null,
  asked: 0,
};
let setFiles: (files: readonly File[]) => void = () => undefined;

const sectionOf = ({ name }: File) => `Section ${Math.floor(Number(name.replace(/\D/g, "")) / 40)}`;
const hrefOf = ({ name }: File) => `#${name}`;

function Grid({ pageSize, withSelection, withSections, withLinks, count }: MountOptions) {
  const all = useState(() => Array.from({ length: count }, (_, at) => makeFile(`file ${at}`, at)))[0];
  const [files, set] = useState<readonly File[]>(() => all.slice(0, pageSize));
  const selection = useSelection();
  setFiles = set;
  latest.files = files;
  return (
    <FileGrid
      files={files}
      hasMore={pageSize !== undefined && files.length < all.length}
      onEndReached={() => {
        latest.asked += 1;
        setTimeout(() => set(all.slice(0, files.length + (pageSize ?? 0))), 50);
      }}
      onOpen={({ name }) => opened.push(name)}
      ref={(handle) => {
        latest.handle = handle;
      }}
      words={{ list: "Photos" }}
      {...(withSelection && { selection })}
      {...(withSections && { sectionOf })}
      {...(withLinks && { hrefOf })}
    />
  );
}

function mount(options: MountOptions): void {
  if (options.direction) document.documentElement.dir = options.direction;
  const grid = <Grid {...options} />;
  createRoot(document.body.appendChild(document.createElement("div"))).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <StowageProvider client={client}>
          <button type="button">Before</button>
          {options.scrollerHeight === undefined ? (
            grid
          ) : (
            <div id="scroller" style={{ height: options.scrollerHeight, overflowY: "auto" }}>
              {grid}
            </div>
          )}
          <button type="button">After</button>
        </StowageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

let longTasks: number[] = [];
new PerformanceObserver((list) => {
  longTasks.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: "longtask" });

Object.assign(globalThis, {
  mount,
  opened: () => opened,
  asked: () => latest.asked,
  count: () => latest.files.length,
  addBefore: (count: number) =>
    setFiles([...Array.from({ length: count }, (_, at) => makeFile(`new ${at}`, at * 3)), ...latest.files]),
  remove: (...names: readonly string[]) => setFiles(latest.files.filter(({ name }) => !names.includes(name))),
  /** Milliseconds that a file before all others takes until it is on the page. */
  timeOfOneBefore() {
    const began = performance.now();
    flushSync(() => setFiles([makeFile("one more", 1), ...latest.files]));
    return performance.now() - began;
  },
  focusFile: (name: string) => latest.handle?.focus(name),
  /** Scrolls by so much at each frame, and says how long tasks were that took over 50 ms, and how many items there ever were. */
  async scrollOn(frames: number, step: number) {
    longTasks = [];
    let mostItems = 0;
    const began = performance.now();
    for (let frame = 0; frame < frames; frame += 1) {
      scrollBy({ top: step, behavior: "instant" });
      await new Promise(requestAnimationFrame);
      mostItems = Math.max(mostItems, document.querySelectorAll("li").length);
    }
    const tookMs = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { longTasks, mostItems, tookMs, scrolledTo: scrollY };
  },
});
