// What is looked up, wherever on the page it is asked for.

import { signal } from "@preact/signals";
import { person, trace } from "../model/doors";
import { asking } from "./asked";

export const message = asking(trace);
export const somebody = asking(person);

/** What stands in the fields. */
export const fields = { conversation: signal(""), seq: signal(""), user: signal("") };

export function find(conversation: string, seq: number): void {
  fields.conversation.value = conversation;
  fields.seq.value = String(seq);
  message.put(conversation, fields.seq.value);
  show("message");
}

export function lookUp(user: string): void {
  fields.user.value = user;
  somebody.put(user);
  show("person");
}

/** Brings what was asked for into sight, and the keyboard with it. */
function show(id: string): void {
  const section = document.getElementById(id);
  section?.scrollIntoView({ block: "nearest" });
  section?.focus({ preventScroll: true });
}
