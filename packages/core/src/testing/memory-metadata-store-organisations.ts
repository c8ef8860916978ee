import type { OrganisationCommands } from "../ports/organisation-commands.ts";
import { type MemoryTables, sumOfOrganisation } from "./memory-metadata-store-tables.ts";

/** What is asked of organisations: here their counters are added up whenever they are. */
export function memoryOrganisationCommands(tables: MemoryTables): OrganisationCommands {
  const { organisations } = tables;
  return {
    async findOrganisation(id) {
      const organisation = organisations.get(id);
      return organisation && { ...organisation, ...sumOfOrganisation(tables, id) };
    },

    async listOrganisationCounters({ after = "", limit }) {
      const ids = [...organisations.keys()].filter((id) => id > after).sort();
      return ids.slice(0, limit).map((organisationId) => {
        const counters = sumOfOrganisation(tables, organisationId);
        return { organisationId, recorded: counters, counted: counters };
      });
    },

    async recountOrganisation(id) {
      return { outcome: organisations.has(id) ? "unchanged" : "missing" };
    },
  };
}
