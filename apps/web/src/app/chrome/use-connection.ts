import { useEffect, useRef, useState } from "react";
import { serverAnswers } from "./server-answers.ts";

const lookAgainMs = 5_000;

/**
 * Whether the server can be reached, as far as there is reason to doubt it: the browser's own word on the network is
 * only a reason to look, since a server on this machine needs none. While it can't be reached it is asked again and again.
 *
 * @param isInDoubt something that was asked of the server got no answer
 */
export function useConnection(isInDoubt: boolean): "reachable" | "unreachable" {
  const [connection, setConnection] = useState<"reachable" | "unreachable">("reachable");
  const [reasons, setReasons] = useState(0);
  const isMounted = useRef(true);

  useEffect(() => {
    isMounted.current = true;
    const look = () => setReasons((count) => count + 1);
    addEventListener("offline", look);
    addEventListener("online", look);
    return () => {
      isMounted.current = false;
      removeEventListener("offline", look);
      removeEventListener("online", look);
    };
  }, []);

  const isLooking = isInDoubt || connection === "unreachable";
  useEffect(() => {
    if (!isLooking && reasons === 0 && navigator.onLine) return;
    const look = async () => {
      const answers = await serverAnswers();
      if (isMounted.current) setConnection(answers ? "reachable" : "unreachable");
    };
    void look();
    if (!isLooking) return;
    const timer = setInterval(() => void look(), lookAgainMs);
    return () => clearInterval(timer);
  }, [isLooking, reasons]);

  return connection;
}
