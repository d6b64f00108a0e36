/** What was asked and not yet answered. */
import type { ErrorFrame, ServerFrame } from "../types.js";

/** A question, and what follows from what becomes of it. */
export interface Question {
  link: number;
  at: number;
  /** It was answered. */
  answered(frame: ServerFrame): void;
  /** It was not, or is to be asked again, from then on. */
  again(notBefore: number): void;
  /** It is refused for good. */
  refused(error: ErrorFrame): void;
}

export class Questions {
  readonly #all = new Map<string, Question>();
  #next = 0;

  /** A name for a frame. */
  ref(): string {
    return String(++this.#next);
  }

  add(ref: string, question: Question): void {
    this.#all.set(ref, question);
  }

  take(ref: string | undefined): Question | undefined {
    const question = ref === undefined ? undefined : this.#all.get(ref);
    if (ref !== undefined) this.#all.delete(ref);
    return question;
  }

  /** The only one of a connection: whom an answer without a `ref` is for. */
  takeOnly(link: number): Question | undefined {
    const own = [...this.#all].filter(([, it]) => it.link === link);
    return own.length === 1 ? this.take(own[0]![0]) : undefined;
  }

  /** Those of a connection, which will not be answered. */
  takeAll(link: number): Question[] {
    const own = [...this.#all].filter(([, it]) => it.link === link);
    return own.map(([ref, it]) => (this.#all.delete(ref), it));
  }

  /** The connections that owe an answer for too long. */
  late(now: number, patience: number): number[] {
    return [...this.#all.values()].filter((it) => now >= it.at + patience).map((it) => it.link);
  }

  next(patience: number): number {
    return Math.min(...[...this.#all.values()].map((it) => it.at + patience));
  }
}
