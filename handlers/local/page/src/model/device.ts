// Which device this tab is. Each has a store of its own, and the gateway lets a device connect once at a time, so two
// tabs of one user have to be two devices; and a tab that comes back has to be the one that it was.

/** Takes the first device of the user that no other tab of this browser has, for as long as the page lives. */
export async function claimDevice(user: string): Promise<string> {
  // Without TLS, and not on this machine, there are no locks.
  if (!("locks" in navigator)) return keptForTab(user);
  for (let place = 1; ; place += 1) {
    const device = `page-${place}`;
    if (await isFree(`switchboard ${user} ${device}`)) return device;
  }
}

function isFree(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held until the page is gone.
      return lock && new Promise(() => {});
    });
    held.catch(reject);
  });
}

function keptForTab(user: string): string {
  const key = `switchboard.device.${user}`;
  const kept = sessionStorage.getItem(key);
  if (kept) return kept;
  const device = `page-${[...crypto.getRandomValues(new Uint8Array(6))].map((it) => it.toString(16).padStart(2, "0")).join("")}`;
  sessionStorage.setItem(key, device);
  return device;
}
