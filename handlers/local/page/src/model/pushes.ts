// The push inbox of the local host: what the push service was told for a phone.

export interface PushNote {
  readonly at: number;
  readonly platform: string;
  readonly conversation: string;
  readonly seq: number;
  readonly text: string;
  readonly badge: string;
}

/** As the inbox answers; `message` is what SNS was given, with a form for each service as JSON in a string. */
interface PushRecord {
  readonly at: number;
  readonly device: string;
  readonly platform: string;
  readonly conversation: string;
  readonly seq: number;
  readonly message: { readonly default: string; readonly GCM: string };
}

interface FcmForm {
  readonly fcmV1Message?: { readonly message?: { readonly data?: { readonly badge?: string } } };
}

/** How many are asked for. */
const NEWEST = 50;

/** The pushes to one device, newest first. */
export async function readPushes(url: string, user: string, device: string): Promise<PushNote[]> {
  const asked = new URL(url);
  asked.searchParams.set("user", user);
  asked.searchParams.set("limit", String(NEWEST));
  const response = await fetch(asked);
  if (!response.ok) throw new Error(`the push inbox was answered with ${response.status}`);
  const records: PushRecord[] = await response.json();
  return records.filter((it) => it.device === device).map(note);
}

function note({ at, platform, conversation, seq, message }: PushRecord): PushNote {
  const form: FcmForm = JSON.parse(message.GCM);
  return { at, platform, conversation, seq, text: message.default, badge: form.fcmV1Message?.message?.data?.badge ?? "0" };
}
