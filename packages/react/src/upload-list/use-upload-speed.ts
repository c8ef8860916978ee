import { measureSpeed, type SpeedMeter } from "@stowage/client";
import { useEffect, useState } from "react";
import { useStowage } from "../stowage-provider.ts";

const unknown = { bytesPerSecond: undefined, secondsLeft: undefined };
const noMeter: SpeedMeter = { total: () => unknown, of: () => unknown, stop: () => undefined };

/** How fast uploads go from the first rendering on, to be read where they are rendered anyway. */
export function useUploadSpeed(): Omit<SpeedMeter, "stop"> {
  const { client, queue } = useStowage();
  const [meter, setMeter] = useState(noMeter);
  useEffect(() => {
    const begun = measureSpeed(queue, client.platform.clock);
    setMeter(begun);
    return begun.stop;
  }, [client, queue]);
  return meter;
}
