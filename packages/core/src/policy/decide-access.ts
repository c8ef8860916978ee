/** Who asks. */
export interface Principal {
  readonly id: string;
}

/** `read` gives content and all that is known of it; `change` its name and metadata; `delete` trash and purge. */
export const actions = ["read", "change", "delete"] as const;

export type Action = (typeof actions)[number];

/** What is asked for, as far as the decision needs it. */
export interface Resource {
  readonly kind: "file" | "upload";
  readonly ownerId: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** A sentence for the owner: why they can, or why not. */
  readonly because: string;
}

/**
 * The one visibility predicate. Every list, URL mint, event and answer goes through it, or through
 * {@link visibleOwnerId}, which says the same for a query. Default deny.
 */
export function decideAccess(principal: Principal, _action: Action, resource: Resource): Decision {
  if (resource.ownerId === principal.id) return { allowed: true, because: `You own this ${resource.kind}.` };
  return { allowed: false, because: `Only its owner may see this ${resource.kind}.` };
}

/** The predicate as a query: whose rows a list of this principal's may contain. */
export const visibleOwnerId = (principal: Principal): string => principal.id;

/** All that a principal may do with a resource. */
export const allowedActions = (principal: Principal, resource: Resource): Action[] =>
  actions.filter((action) => decideAccess(principal, action, resource).allowed);
