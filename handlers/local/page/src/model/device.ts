// Which device this tab is. Each has a store of its own, and the gateway lets a device connect once at a time, so two
// tabs of one user have to be two devices; and a tab that comes back has to be the one that it was, since what it has
// not sent yet is in that one's store.

/** A page that is reloaded may ask before the browser has taken the lock from its predecessor. */
const PREDECESSOR_MS = 2_000;

/** Takes the device that this tab was before, or the first that no other tab of this browser has, until the page ends. */
export async function claimDevice(user: string): Promise<string> {
  const key = `switchboard.device.${user}`;
  const device = await claim(user, sessionStorage.getItem(key));
  sessionStorage.setItem(key, device);
  return device;
}

async function claim(user: string, before: string | null): Promise<string> {
  // Without TLS, and not on this machine, there are no locks.
  if (!("locks" in navigator)) return before ?? newDevice();
  const lock = (device: string) => `switchboard ${user} ${device}`;
  // A tab that was duplicated has the name of the one that it was made from, and does not get its lock.
  if (before && (await holds(lock(before), { signal: AbortSignal.timeout(PREDECESSOR_MS) }))) return before;
  for (let place = 1; ; place += 1) {
    const device = `page-${place}`;
    if (await holds(lock(device), { ifAvailable: true })) return device;
  }
}

/** Whether this page has the lock now; it has it until it ends. */
function holds(name: string, options: LockOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, options, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    });
    held.catch((error: unknown) => (options.signal?.aborted ? resolve(false) : reject(error)));
  });
}

function newDevice(): string {
  return `page-${[...crypto.getRandomValues(new Uint8Array(6))].map((it) => it.toString(16).padStart(2, "0")).join("")}`;
}
