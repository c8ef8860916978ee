/** The places of `refPlaceOf`, for the refs that are there. */
export const refsByTime = `
ALTER TABLE upload_refs RENAME TO upload_refs_of_owners;
CREATE TABLE upload_refs (
  lead TEXT NOT NULL, rest TEXT NOT NULL, upload_id TEXT NOT NULL, PRIMARY KEY (lead, rest)
) STRICT, WITHOUT ROWID;
INSERT INTO upload_refs (lead, rest, upload_id)
  SELECT iif(leads, ref, '/' || owner_id), iif(leads, owner_id, ref), upload_id
  FROM (SELECT *, ref GLOB '0[1-3][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]*' AS leads FROM upload_refs_of_owners)
  ORDER BY 1, 2;
DROP TABLE upload_refs_of_owners;
`;
