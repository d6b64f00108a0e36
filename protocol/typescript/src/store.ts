/** What survives a restart: the outbox, and the newest entries of each conversation with their cursors. */

/**
 * Where a client keeps what has to survive a restart. One store belongs to one user on one device.
 *
 * Values are plain JSON. A promise that a method returns is waited for before anything that builds on it is sent.
 */
export interface Store {
  /** Everything that was put and not removed. */
  load(): Iterable<[key: string, value: unknown]> | Promise<Iterable<[key: string, value: unknown]>>;
  put(key: string, value: unknown): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/** A store that lives as long as the program, or as the object that is given to the next client. */
export class MemoryStore implements Store {
  readonly #all = new Map<string, string>();

  load(): Iterable<[string, unknown]> {
    return [...this.#all].map(([key, text]) => [key, JSON.parse(text) as unknown]);
  }

  put(key: string, value: unknown): void {
    this.#all.set(key, JSON.stringify(value));
  }

  remove(key: string): void {
    this.#all.delete(key);
  }
}

/** A store in the browser's IndexedDB. Give each user a name of its own. */
export class IndexedDbStore implements Store {
  readonly #name: string;
  readonly #factory: IDBFactory;
  #database: Promise<IDBDatabase> | undefined;

  constructor(name: string, factory: IDBFactory = indexedDB) {
    this.#name = name;
    this.#factory = factory;
  }

  async load(): Promise<Iterable<[string, unknown]>> {
    const rows = (await this.#open()).transaction("kept").objectStore("kept");
    const [keys, values] = await Promise.all([settled(rows.getAllKeys()), settled(rows.getAll())]);
    return keys.map((key, place) => [String(key), values[place] as unknown]);
  }

  put(key: string, value: unknown): Promise<void> {
    return this.#write((rows) => rows.put(value, key));
  }

  remove(key: string): Promise<void> {
    return this.#write((rows) => rows.delete(key));
  }

  /** Closes the database, so that it can be deleted or opened by a newer version of the app. */
  async close(): Promise<void> {
    (await this.#database)?.close();
    this.#database = undefined;
  }

  async #write(change: (rows: IDBObjectStore) => IDBRequest): Promise<void> {
    const transaction = (await this.#open()).transaction("kept", "readwrite");
    change(transaction.objectStore("kept"));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #open(): Promise<IDBDatabase> {
    return (this.#database ??= (() => {
      const opening = this.#factory.open(this.#name, 1);
      opening.onupgradeneeded = () => void opening.result.createObjectStore("kept");
      return settled(opening);
    })());
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
