import type { PrincipalRecord } from "@stowage/core";
import type { Person } from "@stowage/protocol";

/** What others may know of a person. */
export const presentPerson = ({
  id,
  name,
  email,
}: Pick<PrincipalRecord, "id" | "name" | "email">): Person => ({
  id,
  ...(name === undefined ? {} : { name }),
  ...(email === undefined ? {} : { email }),
});
