import { ClientError, type ReceivedInvite } from "@stowage/client";
import { createSharing } from "@stowage/client/sharing";
import { keyOf, useFiles, useStowage } from "@stowage/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Share2 } from "lucide-react";
import { useCallback, useState } from "react";
import { PictureGrid } from "../albums/picture-grid.tsx";
import { PictureViewer } from "../albums/picture-viewer.tsx";
import { failureWords } from "../chrome/failure-words.ts";
import { LoadFailure } from "../chrome/load-failure.tsx";
import { useToasts } from "../chrome/toasts.tsx";
import { useTitle } from "../chrome/use-title.ts";
import { GridSkeleton } from "../files/grid-skeleton.tsx";
import { formatMoment } from "../format/format-date.ts";
import { receivedQuery } from "./sharing-queries.ts";

const scopes = [
  ["shared", "With me"],
  ["organisation", "My organisation"],
  ["public", "Everybody"],
] as const;

type Scope = (typeof scopes)[number][0];

/** What others show one: what they offer, what they have shared with one by name, and what many see. */
export function SharedScreen() {
  const [scope, setScope] = useState<Scope>("shared");
  const [openId, setOpenId] = useState<string>();
  const list = useFiles({ scope });
  const { files, isPending, isError, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  useTitle("Shared");
  const fetchMore = useCallback(() => {
    if (!isFetchingNextPage && !isError) void fetchNextPage();
  }, [isFetchingNextPage, isError, fetchNextPage]);
  const isEmpty = !isPending && !isError && files.length === 0;
  return (
    <>
      <div className="screen-head">
        <h1>Shared with me</h1>
      </div>
      <Offers />
      <div className="list-tools">
        <fieldset className="kinds">
          <legend className="visually-hidden">Shared with whom</legend>
          {scopes.map(([value, words]) => (
            <label key={value}>
              <input type="radio" name="scope" checked={scope === value} onChange={() => setScope(value)} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
      </div>
      {isPending && <GridSkeleton />}
      {isError && files.length === 0 && (
        <LoadFailure what="What is shared" detail={failureWords(error)} onRetry={() => void refetch()} />
      )}
      {isEmpty && (
        <div className="empty">
          <Share2 aria-hidden="true" />
          <h2>Nothing is shared here</h2>
          <p>{emptyWords[scope]}</p>
        </div>
      )}
      {files.length > 0 && (
        <PictureGrid
          files={files}
          label="Shared files"
          openId={openId}
          onOpen={setOpenId}
          onNearEnd={hasNextPage ? fetchMore : undefined}
        />
      )}
      {openId !== undefined && (
        <PictureViewer
          id={openId}
          files={files}
          onShow={setOpenId}
          onClose={() => setOpenId(undefined)}
          onNearEnd={hasNextPage ? fetchMore : undefined}
        />
      )}
    </>
  );
}

const emptyWords: Readonly<Record<Scope, string>> = {
  shared: "What somebody shares with you by name is here.",
  organisation: "What people of your organisation show to all of it is here.",
  public: "What people of this server show to everybody is here.",
};

/** Files that others offer to one's address, to be accepted or not. */
function Offers() {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { show } = useToasts();
  const { data } = useQuery(receivedQuery(client));
  const [busyId, setBusyId] = useState<string>();
  const offers = data?.items ?? [];
  const answer = async (offer: ReceivedInvite, work: () => Promise<unknown>, done: string) => {
    setBusyId(offer.id);
    try {
      await work();
      show({ text: done });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      show({ text: failureWords(error), tone: "danger" });
    }
    setBusyId(undefined);
    await queryClient.invalidateQueries({ queryKey: receivedQuery(client).queryKey });
    await queryClient.invalidateQueries({ queryKey: [...keyOf(client), "files"] });
  };
  if (offers.length === 0) return null;
  const sharing = createSharing(client);
  return (
    <section className="offers" aria-label="Offered to you">
      <ul className="people">
        {offers.map((offer) => (
          <li key={offer.id}>
            <span className="person-name">
              <bdi>{offer.file.name}</bdi>
              <span className="person-facts">
                From <bdi>{offer.from.name ?? offer.from.email ?? "somebody"}</bdi>,{" "}
                {formatMoment(offer.createdAt)}
              </span>
            </span>
            <button
              type="button"
              className="button primary"
              disabled={busyId === offer.id}
              aria-label={`Accept ${offer.file.name}`}
              onClick={() =>
                void answer(
                  offer,
                  () => sharing.accept(offer.id),
                  `${offer.file.name} is shared with you now.`,
                )
              }
            >
              Accept
            </button>
            <button
              type="button"
              className="button"
              disabled={busyId === offer.id}
              aria-label={`Decline ${offer.file.name}`}
              onClick={() =>
                void answer(offer, () => sharing.decline(offer.id), `${offer.file.name} was declined.`)
              }
            >
              Decline
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
