// A person as a coloured letter.

import { hueOf, initials } from "../model/words";

export function Avatar({ name, online }: { readonly name: string; readonly online?: boolean | undefined }) {
  return (
    <span class={`avatar hue-${hueOf(name)}`} aria-hidden="true">
      {initials(name)}
      {online !== undefined && <span class={online ? "presence is-online" : "presence"} />}
    </span>
  );
}
