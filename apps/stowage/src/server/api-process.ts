// The process that answers HTTP: the API, the embedded issuer, the web app.
import { join } from "node:path";
import { createApi, type MetricsOptions } from "@stowage/api";
import type { MetadataStore } from "@stowage/core";
import { openIssuer } from "@stowage/issuer";
import { openSite } from "@stowage/web";
import { drawsVideos, limitsOf, profilesOf, systemClock, systemIds } from "./adapters.ts";
import { atMostEvery } from "./at-most-every.ts";
import { createClientAddress } from "./client-address.ts";
import { createClientBlock } from "./client-block.ts";
import { issuerDirectory } from "./data-directory-places.ts";
import { embeddedAccounts } from "./issuers/embedded-accounts.ts";
import { pageSignUp } from "./issuers/page-sign-up.ts";
import { signInWith } from "./issuers/sign-in-with.ts";
import { protectedResource, trustedIssuers } from "./issuers/trusted-issuers.ts";
import { mountIssuer } from "./mount-issuer.ts";
import { mountWebSession } from "./mount-web-session.ts";
import { openMetadataStore, openObjectStore } from "./open-services.ts";
import { bucketName } from "./process-setup.ts";
import { openRateLimiters } from "./rate-limits/open-rate-limiters.ts";
import { type ProcessContext, type RunningProcess, runProcess } from "./run-process.ts";
import { createScryptPassphrases } from "./scrypt-passphrases.ts";
import { capabilityKeyOf } from "./secrets.ts";
import { answerWithPage, makePage, serveSite } from "./serve-site.ts";
import { signInTheme } from "./sign-in-theme.ts";
import { systemTokens } from "./system-tokens.ts";
import { countApi } from "./telemetry/api-metrics.ts";
import { countLockWaits } from "./telemetry/count-lock-waits.ts";
import { countingMetadataStore } from "./telemetry/counting-metadata-store.ts";
import { countingObjectStore } from "./telemetry/counting-object-store.ts";
import { gaugeOpenUploads, gaugeWaitingDerivatives } from "./telemetry/gauge-open-uploads.ts";
import { gaugeUnchainedAuditEvents } from "./telemetry/gauge-unchained-audit-events.ts";
import { mayReadMetricsWithoutToken } from "./telemetry/metrics-access.ts";
import { readMetrics } from "./telemetry/read-metrics.ts";
import { openTracer } from "./telemetry/tracing/open-tracer.ts";
import { clientSpan, traceMetadataStore } from "./telemetry/tracing/trace-metadata-store.ts";
import { parseTraceparent } from "./telemetry/tracing/trace-of-upload.ts";

/** Nobody notices it beside the time that verification takes. */
const longestWakeDelayMs = 20;

async function start(context: ProcessContext): Promise<RunningProcess> {
  const { setup, logger, send, registry } = context;
  const { configuration, publicUrl } = setup;
  const [metadata, objects, issuer, site] = await Promise.all([
    openMetadataStore(setup, countLockWaits(registry)),
    openObjectStore(setup),
    openIssuer({ directory: issuerDirectory(setup.dataDir) }),
    openSite({ fallbackDirectory: join(setup.dataDir, "cache", "site") }),
  ]);
  const tracer = await openTracer(setup, "api");
  const rateLimiters = await openRateLimiters(configuration["limits.store"], logger);
  const counted = countingMetadataStore(metadata, registry, "store-event");
  const web = signInWith(configuration, publicUrl, "web");
  const page = makePage(site, setup, pageSignUp(setup, web));
  const addressOf = createClientAddress(configuration.trustedProxies);
  const resource = protectedResource(configuration, publicUrl);
  const server = await createApi({
    services: {
      metadata: tracer ? traceMetadataStore(counted, tracer) : counted,
      objects: countingObjectStore(objects, registry),
      clock: systemClock,
      ids: systemIds,
      limits: limitsOf(configuration),
      issuerAccounts: embeddedAccounts(issuer, publicUrl),
      profiles: profilesOf(configuration),
      drawsVideos: drawsVideos(configuration),
      tokens: systemTokens,
      passphrases: createScryptPassphrases(),
      // A worker that is woken sees all that waits: each wake costs three processes a turn.
      wakeWorker: atMostEvery(longestWakeDelayMs, () => send({ type: "wake" })),
    },
    webUrl: publicUrl,
    issuers: trustedIssuers(configuration, publicUrl, setup.internalApiUrl),
    capabilities: { key: capabilityKeyOf(setup.secrets), audience: resource.resource },
    protectedResource: resource,
    corsOrigins: configuration.corsOrigins,
    addressOf: createClientBlock(addressOf),
    ...(rateLimiters ? { openRateLimiter: rateLimiters.open } : {}),
    dependencies: [
      { name: "database", check: () => metadata.checkHealth() },
      {
        name: "bucket",
        check: async () => {
          await objects.head("probe/readiness");
        },
      },
    ],
    observer: countApi(registry),
    metrics: metricsOf(context, metadata),
    storeEvents: { bucket: bucketName, secret: setup.secrets.storeEventsSecret },
    answerUnknownAddress: answerWithPage(page),
    version: setup.version,
    logger,
  });
  if (tracer)
    server.addHook("onRequest", (request, _reply, done) => {
      clientSpan.run(parseTraceparent(request.headers.traceparent), done);
    });
  if (configuration["issuer.enabled"])
    await mountIssuer(server, setup, issuer, signInTheme(site), logger, addressOf);
  if (web)
    await mountWebSession(
      server,
      setup,
      web,
      async (subject) =>
        (await metadata.findTokensValidFrom({ issuer: web.issuer, subject }))?.tokensValidFromMs,
      logger,
    );
  serveSite(server, site, page, setup);
  await server.listen({ host: configuration.host, port: setup.apiPort });
  return {
    stop: async () => {
      await server.close();
      await Promise.all([metadata.close(), tracer?.close(), rateLimiters?.close()]);
      issuer.close();
    },
  };
}

/** `/metrics`, which speaks for all three processes. */
function metricsOf(
  { setup, registry, collectFromOthers }: ProcessContext,
  metadata: MetadataStore,
): MetricsOptions {
  const { version, publicUrl, configuration } = setup;
  gaugeOpenUploads(registry, metadata, systemClock.nowMs);
  gaugeWaitingDerivatives(registry, metadata, systemClock.nowMs);
  gaugeUnchainedAuditEvents(registry, metadata);
  const token = configuration["metrics.token"];
  return {
    read: async () => {
      const [metrics, others] = await Promise.all([registry.getMetricsAsJSON(), collectFromOthers()]);
      return readMetrics({ own: { process: "api", metrics }, others, version });
    },
    ...(token === "" ? {} : { token }),
    mayReadWithoutToken: mayReadMetricsWithoutToken(publicUrl),
  };
}

runProcess("api", start);
