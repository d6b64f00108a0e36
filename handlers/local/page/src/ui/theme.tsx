// Light, dark, or as the system says; remembered.

import { signal } from "@preact/signals";
import { Auto, Moon, Sun } from "./icons";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEY = "switchboard.theme";
const ICONS = { auto: Auto, light: Sun, dark: Moon };

const theme = signal<Theme>("auto");

export function restoreTheme(): void {
  const kept = localStorage.getItem(KEY);
  use(THEMES.find((it) => it === kept) ?? "auto");
}

function use(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
}

export function ThemeButton() {
  const Icon = ICONS[theme.value];
  const turn = () => {
    use(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto");
    localStorage.setItem(KEY, theme.value);
  };
  return (
    <button type="button" class="round" aria-label={`Colours: ${theme.value}`} title={`Colours: ${theme.value}`} onClick={turn}>
      <Icon />
    </button>
  );
}
