import type { File } from "@stowage/client";
import { PanelDialog } from "../chrome/panel-dialog.tsx";
import { AudienceSection } from "./audience-section.tsx";
import { LinksSection } from "./links-section.tsx";
import { PeopleSection } from "./people-section.tsx";

/** Who gets a file of one's own: people by their address, whoever has a link, everybody; and what they get. */
export function ShareDialog({ file, onClose }: { readonly file: File; readonly onClose: () => void }) {
  return (
    <PanelDialog
      title={
        <>
          Share <bdi>{file.name}</bdi>
        </>
      }
      onClose={onClose}
    >
      <PeopleSection file={file} />
      <LinksSection id={file.id} to="files" />
      <AudienceSection file={file} />
    </PanelDialog>
  );
}
