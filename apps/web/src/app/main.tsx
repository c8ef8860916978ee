import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { SignedOutScreen } from "./screens/signed-out-screen.tsx";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <SignedOutScreen />
    </StrictMode>,
  );
