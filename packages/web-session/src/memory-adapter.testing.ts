import type { Adapter, AdapterPayload } from "oidc-provider";

/** Keeps what a test's provider knows, in memory; oidc-provider's own warns on standard error that it does. */
export function createMemoryAdapters(): (kind: string) => Adapter {
  const rows = new Map<string, AdapterPayload>();
  return (kind) => {
    const keyOf = (id: string) => `${kind} ${id}`;
    const find = async (id: string) => {
      const row = rows.get(keyOf(id));
      return row?.exp !== undefined && row.exp * 1000 <= Date.now() ? undefined : row;
    };
    const findBy = async (member: "uid" | "userCode", value: string) =>
      [...rows].find(([key, row]) => key.startsWith(`${kind} `) && row[member] === value)?.[1];
    return {
      find,
      findByUid: (uid) => findBy("uid", uid),
      findByUserCode: (userCode) => findBy("userCode", userCode),
      async upsert(id, payload) {
        rows.set(keyOf(id), payload);
      },
      async consume(id) {
        const row = await find(id);
        if (row) row.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        rows.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, row] of rows)
          if (key.startsWith(`${kind} `) && row.grantId === grantId) rows.delete(key);
      },
    };
  };
}
