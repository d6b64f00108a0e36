// Line icons on a grid of 24, drawn with the text's colour.

import type { ComponentChildren } from "preact";

function Icon({ children, size = 22 }: { readonly children: ComponentChildren; readonly size?: number | undefined }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const drawn = (path: string, size?: number) => () => (
  <Icon size={size}>
    <path d={path} />
  </Icon>
);

export const Back = drawn("M15 5l-7 7 7 7");
export const Plus = drawn("M12 5v14M5 12h14");
export const Close = drawn("M6 6l12 12M18 6L6 18", 18);
export const Send = drawn("M5 12h13M12 5l7 7-7 7");
export const Check = drawn("M5 13l4.500 4.500L19 7.500");
export const Reply = drawn("M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6v1", 18);
export const Edit = drawn("M4 20h4L19 9l-4-4L4 16zM13.500 6.500l4 4", 18);
export const Copy = drawn("M9 9h11v11H9zM5 15H4V4h11v1", 18);
export const Trash = drawn("M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13", 18);
export const More = drawn("M6 12h.01M12 12h.01M18 12h.01", 18);
export const Down = drawn("M6 9l6 6 6-6", 20);
export const Again = drawn("M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5", 14);
export const Bell = drawn("M6 16V11a6 6 0 1 1 12 0v5l2 2H4zM10 21h4", 18);
export const Info = drawn("M12 11v6M12 7.500h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", 20);
export const Sun = drawn("M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M19 5l-1.400 1.400M6.400 17.600L5 19", 20);
export const Moon = drawn("M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500z", 20);
export const Auto = drawn("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7h6M12 11h8.500M12 15h8", 20);
export const Wifi = drawn("M3 9.500a13 13 0 0 1 18 0M6 13a9 9 0 0 1 12 0M9 16.300a4.500 4.500 0 0 1 6 0M12 19.500h.01", 18);
export const Bolt = drawn("M13 3L5 13.500h6L10 21l8-10.500h-6z", 18);
export const Sleep = drawn("M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM10.500 18h3", 18);
export const Out = drawn("M14 4h6v6M20 4l-9 9M10 5H5v14h14v-5", 16);
export const Lock = drawn("M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3", 16);

export const Smile = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M8.500 14.500a4.300 4.300 0 0 0 7 0M9 9.500h.01M15 9.500h.01" />
  </Icon>
);

export const Mark = () => (
  <svg class="mark" width="30" height="30" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" class="mark-ground" />
    <circle cx="9.500" cy="20.500" r="3.500" class="mark-plug" />
    <circle cx="22.500" cy="20.500" r="3.500" class="mark-jack" />
    <path d="M9.500 20.500C9.500 8 22.500 8 22.500 20.500" class="mark-cord" />
  </svg>
);
