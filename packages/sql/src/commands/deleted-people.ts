/**
 * A condition: that person has not deleted their account. What they left is taken away by the sweeper, piece by piece; what lets others in asks by this until then.
 *
 * @param personId a parameter or column
 */
export const notDeleted = (personId: string): string =>
  `NOT EXISTS (SELECT 1 FROM principals d WHERE d.id = ${personId} AND d.deleted_at IS NOT NULL)`;
