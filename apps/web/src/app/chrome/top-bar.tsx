import { Album, Images, Plus, Share2, Trash2 } from "lucide-react";
import { Link } from "wouter";
import { albumsPath, filesPath, type Screen, sharedPath, trashPath } from "../screens/screen-of.ts";
import type { Account } from "../session/session-state.ts";
import type { SignOut } from "../session/visits.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Wordmark } from "./wordmark.tsx";

/** The name, the screens, the way to add files, the account. On a phone the middle of it lies under the thumb. */
export function TopBar({
  screen,
  account,
  signOut,
  onAddFiles,
}: {
  readonly screen: Screen;
  readonly account: Account;
  readonly signOut: SignOut;
  readonly onAddFiles: () => void;
}) {
  const isFiles = screen.name === "files" || screen.name === "file";
  const isAlbums = screen.name === "albums" || screen.name === "album";
  return (
    <header className="top-bar">
      <Link className="home-link" href={filesPath} aria-label="Stowage">
        <Wordmark />
      </Link>
      <div className="tools">
        <nav aria-label="Main">
          <ul>
            <li>
              <Link href={filesPath} aria-current={isFiles ? "page" : undefined}>
                <Images aria-hidden="true" />
                Files
              </Link>
            </li>
            <li>
              <Link href={albumsPath} aria-current={isAlbums ? "page" : undefined}>
                <Album aria-hidden="true" />
                Albums
              </Link>
            </li>
            <li>
              <Link href={sharedPath} aria-current={screen.name === "shared" ? "page" : undefined}>
                <Share2 aria-hidden="true" />
                Shared
              </Link>
            </li>
            <li>
              <Link href={trashPath} aria-current={screen.name === "trash" ? "page" : undefined}>
                <Trash2 aria-hidden="true" />
                Trash
              </Link>
            </li>
          </ul>
        </nav>
        <button type="button" className="button primary add" onClick={onAddFiles}>
          <Plus aria-hidden="true" />
          Add files
        </button>
      </div>
      <AccountMenu account={account} signOut={signOut} />
    </header>
  );
}
