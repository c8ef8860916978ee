import { Component, type ReactNode } from "react";
import { MessageScreen } from "../screens/message-screen.tsx";

/** A fault of this page itself: said in words, in the place of an empty window. */
export class ErrorBoundary extends Component<
  { readonly children: ReactNode },
  { readonly hasFailed: boolean }
> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { readonly hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <MessageScreen
        title="Something went wrong in this page"
        actions={
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Load it again
          </button>
        }
      >
        Your files are safe on the server. What was still being uploaded has to be added again.
      </MessageScreen>
    );
  }
}
