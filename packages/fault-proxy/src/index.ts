export { type Fault, type FaultKind, faultKinds } from "./fault.ts";
export type { ProxyStats } from "./proxy-stats.ts";
export { type RandomFaultsOptions, randomFaults } from "./random-faults.ts";
export {
  type Decide,
  type FaultProxy,
  type FaultProxyOptions,
  type ProxiedRequest,
  startFaultProxy,
} from "./start-fault-proxy.ts";
