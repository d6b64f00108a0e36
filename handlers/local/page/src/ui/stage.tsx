// The page: two phones side by side with their benches, or one phone alone.

import { useState } from "preact/hooks";
import type { Config } from "../config";
import type { Chat } from "../model/chat";
import { About } from "./about";
import { Bench } from "./bench";
import { Info, Mark } from "./icons";
import { Phone } from "./phone";
import { ThemeButton } from "./theme";

interface Props {
  readonly config: Config;
  readonly chats: readonly Chat[];
}

export function Stage({ config, chats }: Props) {
  const [about, setAbout] = useState(false);
  return (
    <>
      <header class="masthead">
        <Mark />
        <h1>Switchboard</h1>
        <p>Two phones, one gateway. Break their network and watch.</p>
        <button type="button" class="round" aria-label="About" aria-haspopup="dialog" onClick={() => setAbout(true)}>
          <Info />
        </button>
        <ThemeButton />
      </header>
      <main class="stage">
        {chats.map((chat) => (
          <div class="station" key={chat.user}>
            <Bench chat={chat} />
            <Phone chat={chat} framed />
          </div>
        ))}
      </main>
      {about && <About config={config} onClose={() => setAbout(false)} />}
    </>
  );
}

export function Alone({ chats }: Props) {
  return (
    <main class="alone-stage">
      <h1 class="sr">Switchboard</h1>
      {chats.map((chat) => (
        <Phone key={chat.user} chat={chat} framed={false} />
      ))}
    </main>
  );
}
