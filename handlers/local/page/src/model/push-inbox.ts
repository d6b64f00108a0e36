// A phone's pushes: what the push service was told, and what stands on the lock screen.

import { computed, effect, signal } from "@preact/signals";
import { visible, type Chat } from "./chat";
import { readPushes, type PushNote } from "./pushes";

const EVERY_MS = 1_000;

export class PushInbox {
  /** Newest first. */
  readonly all = signal<readonly PushNote[]>([]);
  /** What reached the phone: nothing does without a network. */
  readonly #reached = signal<readonly PushNote[]>([]);
  readonly #asleepSince = signal(0);

  /** Since the app went to the background; of each conversation the newest, as its collapse key says. */
  readonly notifications = computed(() => {
    const since = this.#reached.value.filter((it) => it.at > this.#asleepSince.value);
    return since.filter((it, place) => since.findIndex((other) => other.conversation === it.conversation) === place);
  });

  constructor(url: string, chat: Chat) {
    const ask = async () => {
      try {
        const pushes = await readPushes(url, chat.user, chat.device);
        if (pushes[0]?.at !== this.all.peek()[0]?.at || pushes.length !== this.all.peek().length) this.all.value = pushes;
        if (chat.network.up.peek()) this.#reached.value = this.all.peek();
      } catch {
        // The gateway is away: asked again soon.
      }
    };
    effect(() => {
      if (!visible.value) return;
      const timer = setInterval(() => void ask(), EVERY_MS);
      void ask();
      return () => clearInterval(timer);
    });
  }

  /** From now on pushes are news. */
  sleep(): void {
    this.#asleepSince.value = this.all.peek()[0]?.at ?? 0;
  }
}
