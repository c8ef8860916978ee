/** What the platform knows of the person and the network. */
export interface Contact {
  /** `false`: there is surely no network. */
  isOnline(): boolean;
  /** Whether somebody may be looking at what is shown. */
  isVisible(): boolean;
  /** Tells when a network has come back, and when the program is looked at again. Returns how to stop. */
  onContact(listener: () => void): () => void;
}
