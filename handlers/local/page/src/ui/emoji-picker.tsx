// A grid of emoji above the composer, for mouse, touch and arrow keys.

import { GROUPS } from "./emoji";
import { moveAmong, Sheet } from "./sheet";

const COLUMNS = 8;

interface Props {
  readonly label: string;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

export function EmojiPicker({ label, onPick, onClose }: Props) {
  return (
    <Sheet label={label} onClose={onClose} kind="emoji-picker">
      <div onKeyDown={(event) => moveAmong(event, COLUMNS)} class="emoji-scroll" tabIndex={-1}>
        {GROUPS.map(([name, all]) => (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <div class="emoji-grid">
              {all.map((emoji) => (
                <button key={emoji} type="button" onClick={() => onPick(emoji)}>
                  {emoji}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
