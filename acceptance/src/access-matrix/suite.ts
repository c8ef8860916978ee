import type { Viewer } from "./people.ts";
import type { World } from "./world.ts";

/** The world, once it is made: tests are named before. */
export type GetWorld = () => World;

/** Who has a token that is good for something. */
export const admitted = ({ viewers }: World): Viewer[] =>
  viewers.filter(({ api, isRefused }) => api.token !== undefined && !isRefused);

/** Those of them who may read anything. */
export const readers = (world: World): Viewer[] =>
  admitted(world).filter(({ scope }) => scope?.includes("files:read"));

/** Whether they get no further than their token: without one, or with one that lacks the scope, all is refused alike. */
export const isTurnedAway = (status: number, text: string): boolean =>
  status === 401 || (status === 403 && text.includes('"insufficient-scope"'));

/** Whether a token is wanted that is good for something, and they have none. */
export const isNobody = ({ api, isRefused }: Viewer): boolean =>
  api.token === undefined || isRefused === true;

export const splitOperation = (operation: string): readonly [string, string] => {
  const [method = "", path = ""] = operation.split(" ");
  return [method, path];
};
