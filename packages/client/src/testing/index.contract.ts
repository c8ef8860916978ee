/** For tests of whatever uses the client: the API and its store, scripted. Not published. */
export { problemOf, problemReply, type Reply } from "./scripted-reply.contract.ts";
export {
  captivePortal,
  type Fault,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "./scripted-server.contract.ts";
export { storeError } from "./scripted-store.contract.ts";
