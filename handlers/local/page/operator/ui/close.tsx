// Closes a connection, once it was asked for twice.

import { useState } from "preact/hooks";
import { close } from "../model/doors";

type Phase = "idle" | "sure" | "closed" | { readonly why: string };

export function CloseButton({ connection, what, after }: { readonly connection: string; readonly what: string; readonly after?: () => void }) {
  const [phase, enter] = useState<Phase>("idle");
  if (phase === "closed") return <span class="closed">closed</span>;
  const press = async () => {
    if (phase !== "sure") return enter("sure");
    try {
      await close(connection);
      enter("closed");
      after?.();
    } catch (error) {
      enter({ why: error instanceof Error ? error.message : "unknown" });
    }
  };
  const words = phase === "sure" ? "Really close" : typeof phase === "object" ? phase.why : "Close";
  return (
    <button type="button" class={phase === "sure" ? "link is-sure" : "link"} onClick={press} onBlur={() => phase === "sure" && enter("idle")}>
      {words}
      <span class="sr"> {what}</span>
    </button>
  );
}
