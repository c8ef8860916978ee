import { describe, it } from "node:test";
import { accountCases } from "./metadata-store-accounts.contract.ts";
import { albumLastOwnerCases } from "./metadata-store-album-last-owner.contract.ts";
import { albumLeaverCases } from "./metadata-store-album-leavers.contract.ts";
import { albumLinkCases } from "./metadata-store-album-links.contract.ts";
import { albumOwnerCases } from "./metadata-store-album-owners.contract.ts";
import { albumShotCases } from "./metadata-store-album-shots.contract.ts";
import { albumCases } from "./metadata-store-albums.contract.ts";
import { archiveCases } from "./metadata-store-archives.contract.ts";
import { auditCases } from "./metadata-store-audit.contract.ts";
import { capabilityCases } from "./metadata-store-capabilities.contract.ts";
import {
  type MetadataStoreCase,
  type MetadataStoreUnderTest,
  Scene,
} from "./metadata-store-case.contract.ts";
import { claimCases } from "./metadata-store-claims.contract.ts";
import { concurrencyCases } from "./metadata-store-concurrency.contract.ts";
import { createCases } from "./metadata-store-creates.contract.ts";
import { delegationCases } from "./metadata-store-delegations.contract.ts";
import { derivativeCases } from "./metadata-store-derivatives.contract.ts";
import { fileListCases, holdListsToFiles } from "./metadata-store-file-lists.contract.ts";
import { fileVersionCases } from "./metadata-store-file-versions.contract.ts";
import { fileCases } from "./metadata-store-files.contract.ts";
import { guestCases } from "./metadata-store-guests.contract.ts";
import { holdHistories } from "./metadata-store-histories.contract.ts";
import { inviteCases } from "./metadata-store-invites.contract.ts";
import { linkCases } from "./metadata-store-links.contract.ts";
import { listCases } from "./metadata-store-lists.contract.ts";
import { multipartCases } from "./metadata-store-multiparts.contract.ts";
import { pendingCases } from "./metadata-store-pending.contract.ts";
import { principalCases } from "./metadata-store-principals.contract.ts";
import { quarantineCases } from "./metadata-store-quarantine.contract.ts";
import { quotaCases } from "./metadata-store-quotas.contract.ts";
import { holdToModel } from "./metadata-store-random.contract.ts";
import { reconcilingCases } from "./metadata-store-reconciling.contract.ts";
import { sharingCases } from "./metadata-store-sharing.contract.ts";
import { holdAudiencesToPredicate } from "./metadata-store-sharing-worlds.contract.ts";
import { sweepingCases } from "./metadata-store-sweeping.contract.ts";

export { createManualClock, type MetadataStoreUnderTest } from "./metadata-store-case.contract.ts";

const cases: readonly MetadataStoreCase[] = [
  ...principalCases,
  ...createCases,
  ...quotaCases,
  ...pendingCases,
  ...multipartCases,
  ...claimCases,
  ...fileCases,
  ...fileVersionCases,
  ...quarantineCases,
  ...derivativeCases,
  ...listCases,
  ...fileListCases,
  ...sharingCases,
  ...inviteCases,
  ...sweepingCases,
  ...reconcilingCases,
  ...accountCases,
  ...archiveCases,
  ...albumCases,
  ...albumOwnerCases,
  ...albumLastOwnerCases,
  ...albumLeaverCases,
  ...albumShotCases,
  ...guestCases,
  ...auditCases,
  ...capabilityCases,
  ...delegationCases,
  ...linkCases,
  ...albumLinkCases,
  ...concurrencyCases,
];

/**
 * Holds an adapter to the port's promises, as one suite of `node:test`.
 *
 * @param create called before each case, and once for each random sequence; must answer an empty store whose clock
 *   stands still ({@link createManualClock}); what it answers is closed afterwards
 * @param options.randomSequences how many sequences of up to 100 random commands are held to the model (default 50)
 */
export function describeMetadataStore(
  name: string,
  create: () => Promise<MetadataStoreUnderTest>,
  options: { readonly randomSequences?: number } = {},
): void {
  describe(`${name} is a MetadataStore that`, () => {
    for (const { name: caseName, run } of cases)
      it(caseName, async () => {
        const underTest = await create();
        try {
          await run(new Scene(underTest));
        } finally {
          await underTest.close();
        }
      });

    it("does what a model of it does, in any sequence of commands", () =>
      holdToModel(create, options.randomSequences ?? 50));

    it("keeps every version that nobody deleted as it came, whatever ends when, and never makes a conflict current by itself", () =>
      holdHistories(create, options.randomSequences ?? 50));

    it("lists of what others show exactly what may be read, in any world of people and files", () =>
      holdAudiencesToPredicate(create, options.randomSequences ?? 50));

    it("lists after any commands what there is, in pages that join whatever happens between them", () =>
      holdListsToFiles(create, options.randomSequences ?? 50));
  });
}
