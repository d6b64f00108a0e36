// A sheet over a phone's screen. Focus stays in it, Escape closes it, and focus goes back to where it came from.

import { useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentChildren } from "preact";

interface Props {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly kind?: string;
}

const FOCUSABLE = "button:not([disabled]),input,textarea,a[href]";

export function Sheet({ label, onClose, children, kind = "" }: Props) {
  const sheet = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const inside = sheet.current;
    (inside?.querySelector<HTMLElement>("[data-first]") ?? inside?.querySelector<HTMLElement>(FOCUSABLE))?.focus({ preventScroll: true });
    return () => {
      // Unless whoever closed it has put focus somewhere.
      const now = document.activeElement;
      const free = !now || now === document.body || inside?.contains(now);
      if (free && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      onClose();
    }
    if (event.key === "Tab") keepInside(event, sheet.current);
  };
  return (
    <div class="sheet-layer">
      <div class="scrim" onClick={onClose} />
      <div class={`sheet ${kind}`} role="dialog" aria-modal="true" aria-label={label} ref={sheet} onKeyDown={onKeyDown}>
        {children}
      </div>
    </div>
  );
}

function keepInside(event: KeyboardEvent, sheet: HTMLElement | null): void {
  const all = [...(sheet?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].filter((it) => it.tabIndex >= 0);
  const edge = event.shiftKey ? all[0] : all.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? all.at(-1) : all[0])?.focus();
}

/** Arrow keys among the buttons of a grid or a list of `columns`. */
export function moveAmong(event: KeyboardEvent, columns: number): void {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not([disabled])")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = all[at + step];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
