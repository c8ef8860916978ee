// What somebody who is signed in needs after the first screen, in one piece: each piece that is loaded by itself cuts those that
// it shares code with into more and smaller files, which together are larger.
export { AlbumScreen } from "./albums/album-screen.tsx";
export { AlbumsScreen } from "./albums/albums-screen.tsx";
export { erasePictures, startKeeper } from "./kept/keeper.ts";
export { KeptLine } from "./kept/kept-line.tsx";
export { KeptNotice } from "./kept/kept-notice.tsx";
export { OfflineApp } from "./kept/offline-app.tsx";
export { SharedScreen } from "./sharing/shared-screen.tsx";
export { TrashScreen } from "./trash/trash-screen.tsx";
export { registerWorkerFor } from "./uploads/register-worker.ts";
export { UploadPanel } from "./uploads/upload-panel.tsx";
export { Viewer } from "./viewer/viewer.tsx";
