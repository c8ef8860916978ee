/**
 * From here on an event's hash has its `sealed_by` too. Where events have a place already, chained without it, an event of its own says up to
 * where that may be so.
 */
export const hashedSeals = `
INSERT INTO audit_events (at, actor, action, target_id)
SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER), 'system', 'audit.seals-hashed', 'audit'
WHERE EXISTS (SELECT 1 FROM audit_events WHERE sealed_by IS NOT NULL AND number IS NOT NULL);
`;
