import type { OrganisationRecord, PrincipalRecord } from "../principal.ts";

/** What is counted of people and their organisations. */
export type Counters = Pick<PrincipalRecord, "usedBytes" | "reservedBytes" | "usedFiles" | "openUploads">;

export interface OrganisationCountersRecord {
  readonly organisationId: string;
  readonly recorded: Counters;
  /** The sums of its people's, as those stand. */
  readonly counted: Counters;
}

/**
 * Rows about organisations: made with the first of their people, their counters kept with those of their people, also where
 * one changes organisation.
 */
export interface OrganisationCommands {
  findOrganisation(id: string): Promise<OrganisationRecord | undefined>;
  /** For reconciling: organisations by id, with their counters as they stand and as their people's add up, both of one moment. */
  listOrganisationCounters(list: {
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly OrganisationCountersRecord[]>;
  /** Sets an organisation's counters to the sums of its people's; writes only where they differ. Audit `organisation.recounted`. */
  recountOrganisation(id: string): Promise<
    | { readonly outcome: "recounted"; readonly before: Counters; readonly after: Counters }
    /** They agree already. */
    | { readonly outcome: "unchanged" }
    | { readonly outcome: "missing" }
  >;
}
