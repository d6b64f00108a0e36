// Wires the page: configuration, who is on it, a chat for each, the screen.

import { render } from "preact";
import { readCast, readConfig } from "./config";
import { openChat } from "./model/chat";
import { Alone, Stage } from "./ui/stage";
import { restoreTheme } from "./ui/theme";
import "./style/tokens.css";
import "./style/base.css";
import "./style/stage.css";
import "./style/bench.css";
import "./style/phone.css";
import "./style/list.css";
import "./style/conversation.css";
import "./style/message.css";
import "./style/composer.css";
import "./style/sheet.css";

async function main(root: HTMLElement): Promise<void> {
  restoreTheme();
  const { people, alone } = readCast(location.search);
  const config = await readConfig();
  const chats = await Promise.all(people.map((person) => openChat(config, person)));
  const Page = alone ? Alone : Stage;
  document.documentElement.classList.toggle("is-alone", alone);
  render(<Page config={config} chats={chats} />, root);
  for (const chat of chats) chat.start();
  const [customer, provider] = chats;
  if (customer && provider) customer.meet(provider);
}

const root = document.getElementById("page");
if (root) {
  main(root).catch((error: unknown) => {
    root.className = "failed";
    root.textContent = `The page could not start: ${error instanceof Error ? error.message : "unknown"}`;
    throw error;
  });
}
