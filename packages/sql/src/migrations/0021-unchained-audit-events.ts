/**
 * What has no place in a chain is found by itself: `audit_sequencer.linked_sequence` is no more than a note, since whoever moved it ahead had
 * events that nothing chains. A create writes a page more, which all creates of a moment share.
 */
export const unchainedAuditEvents = `
CREATE INDEX audit_events_unchained ON audit_events (sequence) WHERE number IS NULL;
`;
