// Generated from `protocol/contract` by `cargo run -p switchboard-contract`: do not edit.

/** A user: the `sub` of the token. */
export type UserId = string;

/** Which side of a conversation a user stands on. */
export type Role = "customer" | "provider";

/** A conversation: a ULID made by the gateway. */
export type ConversationId = string;

/** An entry: a ULID made by the sending device, the idempotency key of the send. */
export type EntryId = string;

/** A device of a user, as the user's apps name it. It is no secret. */
export type DeviceId = string;

/** A client's name for a frame, which comes back on the reply and on an error. */
export type Ref = string;

/** The place of an entry in its log: 1, 2, 3, … without gaps; 0 stands before the first. */
export type Seq = number;

/** Milliseconds since 1970 UTC, by the server's clock. */
export type Timestamp = number;

/** Why a frame was not done. */
export type ErrorCode = "bad_request" | "unknown_action" | "too_large" | "unknown_conversation" | "unknown_user" | "not_allowed" | "blocked" | "conflict" | "rate_limited" | "token_expired" | "unavailable";

/** A message. */
export interface TextBody {
  /** Which kind of body. */
  kind: "text";
  /** What it says. */
  text: string;
}

/** A file that was uploaded before. */
export interface AttachmentBody {
  /** Which kind of body. */
  kind: "attachment";
  /** The id that the upload was given. */
  attachment: string;
  /** The file's name. */
  name: string;
  /** The file's media type. */
  type: string;
  /** The file's size in bytes. */
  size: number;
  /** A caption. */
  text?: string;
}

/** Replaces the text of an own text entry. */
export interface EditBody {
  /** Which kind of body. */
  kind: "edit";
  /** The entry that is edited. */
  of: number;
  /** Its new text. */
  text: string;
}

/** Takes an own entry back. */
export interface DeleteBody {
  /** Which kind of body. */
  kind: "delete";
  /** The entry that is deleted. */
  of: number;
}

/** Adds or takes back a reaction. */
export interface ReactionBody {
  /** Which kind of body. */
  kind: "reaction";
  /** The entry that is reacted to. */
  of: number;
  /** The reaction. */
  emoji: string;
  /** Whether it is added or taken back. */
  on: boolean;
}

/** What an app adds: a price offer, a location. */
export interface CustomBody {
  /** Which kind of body. */
  kind: "custom";
  /** Which of the app's own kinds. */
  type: string;
  /** Whatever the app says. */
  data: Record<string, unknown>;
}

/** What stands where a deleted entry stood. Written by the server alone. */
export interface DeletedBody {
  /** Which kind of body. */
  kind: "deleted";
}

/** What a client may send: at most 16,384 bytes as compact JSON. */
export type ClientBody =
  | TextBody
  | AttachmentBody
  | EditBody
  | DeleteBody
  | ReactionBody
  | CustomBody;

/** What an entry says. Other kinds may come: show nothing for them. */
export type Body =
  | TextBody
  | AttachmentBody
  | EditBody
  | DeleteBody
  | ReactionBody
  | CustomBody
  | DeletedBody;

/** A conversation as one of its members sees it. */
export interface Conversation {
  /** Its id. */
  conversation: ConversationId;
  /** Which of the pair's conversations. */
  key: string;
  /** What it is about. */
  subject: string;
  /** Who is in it. */
  members: Member[];
  /** The newest entry's place; 0 while there is none. */
  last_seq: Seq;
  /** When something last happened in it. */
  last_at: Timestamp;
  /** The newest entry, or `null`. */
  last: Entry | null;
  /** The others' texts and attachments above one's own `read`; it stops at 99. */
  unread: number;
}

/** A member of a conversation. */
export interface Member {
  /** Who. */
  user: UserId;
  /** On which side. */
  role: Role;
  /** Stored by one of the member's devices up to here. */
  recv: Seq;
  /** Seen up to here; never above `recv`. */
  read: Seq;
  /** Until when one wants no pushes; told to the member alone. */
  muted_until?: Timestamp;
}

/** What a client has to keep to. */
export interface Limits {
  /** A frame's bytes. */
  frame_bytes: number;
  /** A text's characters. */
  text_chars: number;
  /** Sends of a user in a conversation in 10 s. */
  sends_per_10s: number;
}

/** Whether somebody is there. */
export interface Present {
  /** Whether a device is connected. */
  online: boolean;
  /** When one last was. */
  last_seen: Timestamp;
}

/** How far somebody got in a conversation. `recv`, `read` or both. */
export interface Marks {
  /** Where. */
  conversation: ConversationId;
  /** Stored by this device up to here. */
  recv?: Seq;
  /** Seen up to here. */
  read?: Seq;
}

/** API Gateway's own error. It has no `event`: it means `unavailable` for whatever is in flight. */
export interface PlatformError {
  /** What the platform says. */
  message: string;
  /** The connection's id. */
  connectionId?: string;
  /** The request's id. */
  requestId?: string;
}

/** Says hello. */
export interface HelloFrame {
  /** What is asked for. */
  action: "hello";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
}

/** Keeps the connection. */
export interface PingFrame {
  /** What is asked for. */
  action: "ping";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
}

/** Opens a conversation. */
export interface OpenFrame {
  /** What is asked for. */
  action: "open";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** The other user. */
  with: UserId;
  /** Which of the pair's conversations: one for each booking, say. Absent is `""`. */
  key?: string;
  /** What it is about; used when it is new. */
  subject?: string;
}

/** Sends an entry. */
export interface SendFrame {
  /** What is asked for. */
  action: "send";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** The device's own id for it; the same on every retry. */
  id: EntryId;
  /** The device's cursor when it first tried to send this `id`; the same on every retry. It also confirms everything up to there. */
  after: Seq;
  /** What it says. */
  body: ClientBody;
  /** The entry that it answers. */
  reply_to?: number;
}

/** Confirms entries. */
export interface ReceiptFrame {
  /** What is asked for. */
  action: "receipt";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** How far, for each conversation. */
  receipts: Marks[];
}

/** Says whether somebody is writing. */
export interface TypingFrame {
  /** What is asked for. */
  action: "typing";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** Whether it begins or ends. */
  on: boolean;
}

/** Asks for the entries above one. */
export interface HistoryAfterFrame {
  /** What is asked for. */
  action: "history";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** From the entry after this one, upward. */
  after: Seq;
  /** How many at most; 50 where absent. */
  limit?: number;
}

/** Asks for the entries below one. */
export interface HistoryBeforeFrame {
  /** What is asked for. */
  action: "history";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** The entries just below this one, still ascending. */
  before: Seq;
  /** How many at most; 50 where absent. */
  limit?: number;
}

/** Asks for what was missed. */
export interface SyncFrame {
  /** What is asked for. */
  action: "sync";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** For each conversation the `seq` up to which the device misses nothing. */
  cursors: Record<ConversationId, Seq>;
}

/** Lists conversations. */
export interface InboxFrame {
  /** What is asked for. */
  action: "inbox";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** How many at most; 20 where absent. */
  limit?: number;
  /** Where the page before ended, as it said. */
  next?: string;
}

/** Asks who is there. */
export interface PresenceFrame {
  /** What is asked for. */
  action: "presence";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Of whom. */
  users: UserId[];
}

/** Registers a device for pushes. */
export interface RegisterDeviceFrame {
  /** What is asked for. */
  action: "device";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Which device. */
  device: DeviceId;
  /** Through which service. */
  platform: "apns" | "apns_sandbox" | "fcm";
  /** The service's name for it. */
  token: string;
  /** The language to push in. */
  locale?: string;
}

/** Ends the pushes to a device. */
export interface RemoveDeviceFrame {
  /** What is asked for. */
  action: "device";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Which device. */
  device: DeviceId;
  /** Pushes end. */
  remove: true;
}

/** Mutes a conversation, or asks whether it is. */
export interface MuteFrame {
  /** What is asked for. */
  action: "settings";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** No pushes until then; 0 ends it. Where absent, what is in force is asked for. */
  muted_until?: Timestamp;
}

/** Blocks a user, or no longer. */
export interface BlockFrame {
  /** What is asked for. */
  action: "settings";
  /** Comes back on the reply and on an error. */
  ref?: Ref;
  /** Whom. */
  user: UserId;
  /** Whether. */
  blocked: boolean;
}

/** What a client says. */
export type ClientFrame =
  | HelloFrame
  | PingFrame
  | OpenFrame
  | SendFrame
  | ReceiptFrame
  | TypingFrame
  | HistoryAfterFrame
  | HistoryBeforeFrame
  | SyncFrame
  | InboxFrame
  | PresenceFrame
  | RegisterDeviceFrame
  | RemoveDeviceFrame
  | MuteFrame
  | BlockFrame;

/** Answers `hello`. */
export interface Welcome {
  /** What is said. */
  event: "welcome";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Who the client is. */
  user: UserId;
  /** On which side. */
  role: Role;
  /** The server's time. */
  now: Timestamp;
  /** When the token expires. */
  expires_at: Timestamp;
  /** When to have opened another connection. */
  reconnect_by: Timestamp;
  /** The most recently active ones, newest first. */
  conversations: Conversation[];
  /** Whether `inbox` has others. */
  more: boolean;
  /** What the client has to keep to. */
  limits: Limits;
}

/** Answers `open`, and tells the other member of a new conversation. */
export interface Opened {
  /** What is said. */
  event: "opened";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Its id. */
  conversation: ConversationId;
  /** Which of the pair's conversations. */
  key: string;
  /** What it is about. */
  subject: string;
  /** Who is in it. */
  members: Member[];
  /** The newest entry's place; 0 while there is none. */
  last_seq: Seq;
  /** When something last happened in it. */
  last_at: Timestamp;
  /** The newest entry, or `null`. */
  last: Entry | null;
  /** The others' texts and attachments above one's own `read`; it stops at 99. */
  unread: number;
  /** Whether it is new. */
  created: boolean;
}

/** Answers `send`: the entry is stored, and will be there for every member. */
export interface Sent {
  /** What is said. */
  event: "sent";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** The device's id for it. */
  id: EntryId;
  /** Its place. */
  seq: number;
  /** When it was accepted. */
  ts: Timestamp;
  /** Whether it had been accepted before. */
  duplicate: boolean;
}

/** An entry, live or in a page. Everything that must not be missed is one. */
export interface Entry {
  /** What is said. */
  event: "entry";
  /** Where. */
  conversation: ConversationId;
  /** Its place. */
  seq: number;
  /** The sending device's id for it. */
  id: EntryId;
  /** Who sent it. */
  from: UserId;
  /** When it was accepted. */
  ts: Timestamp;
  /** What it says now. */
  body: Body;
  /** The entry that it answers. */
  reply_to?: number;
  /** When it was last edited. */
  edited_at?: Timestamp;
}

/** A member got further. */
export interface Receipt {
  /** What is said. */
  event: "receipt";
  /** Where. */
  conversation: ConversationId;
  /** Who. */
  user: UserId;
  /** Stored up to here. */
  recv: Seq;
  /** Seen up to here. */
  read: Seq;
}

/** A member is writing, or no longer. Forget it after six seconds. */
export interface Typing {
  /** What is said. */
  event: "typing";
  /** Where. */
  conversation: ConversationId;
  /** Who. */
  user: UserId;
  /** Whether it begins or ends. */
  on: boolean;
}

/** Answers `history`. */
export interface Page {
  /** What is said. */
  event: "page";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** Ascending. */
  entries: Entry[];
  /** Whether there are more in that direction. */
  more: boolean;
}

/** Answers `sync`. */
export interface Synced {
  /** What is said. */
  event: "synced";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Each conversation's in ascending order, without gaps. */
  entries: Entry[];
  /** Whether to call again with the cursors moved on. */
  more: boolean;
}

/** Answers `inbox`. */
export interface Inbox {
  /** What is said. */
  event: "inbox";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Newest first. */
  conversations: Conversation[];
  /** Where the next page begins, where there is one. */
  next?: string;
}

/** Answers `presence`. */
export interface Presence {
  /** What is said. */
  event: "presence";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Those who share a conversation with the asking user. */
  users: Record<UserId, Present>;
}

/** Answers `device`. */
export interface Device {
  /** What is said. */
  event: "device";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Which device. */
  device: DeviceId;
  /** Whether it is pushed to from now on. */
  registered: boolean;
}

/** Answers `settings` of a conversation: what is now in force. */
export interface Muted {
  /** What is said. */
  event: "settings";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Where. */
  conversation: ConversationId;
  /** Until when it is muted; 0 is not. */
  muted_until: Timestamp;
}

/** Answers `settings` of a user: what is now in force. */
export interface Blocked {
  /** What is said. */
  event: "settings";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Whom. */
  user: UserId;
  /** Whether that user is blocked. */
  blocked: boolean;
}

/** Answers `ping`. */
export interface Pong {
  /** What is said. */
  event: "pong";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
}

/** A frame was refused: nothing has changed, and the connection stays. */
export interface ErrorFrame {
  /** What is said. */
  event: "error";
  /** The `ref` of the frame that is answered, where it had one. */
  ref?: Ref;
  /** Why. */
  code: ErrorCode;
  /** For whoever develops the client; it names the field. */
  message: string;
  /** Whether sending the same again may help. */
  retry: boolean;
  /** After how long. */
  retry_after_ms?: number;
  /** The entry that was not appended. */
  id?: EntryId;
  /** The conversation that was named. */
  conversation?: ConversationId;
}

/** Answers `settings`. */
export type Settings =
  | Muted
  | Blocked;

/** What the gateway says. Unknown events are to be ignored. */
export type ServerFrame =
  | Welcome
  | Opened
  | Sent
  | Entry
  | Receipt
  | Typing
  | Page
  | Synced
  | Inbox
  | Presence
  | Device
  | Muted
  | Blocked
  | Pong
  | ErrorFrame;

/** What answers each action, where it succeeds and is answered. */
export interface Replies {
  hello: Welcome;
  ping: Pong;
  open: Opened;
  send: Sent;
  history: Page;
  sync: Synced;
  inbox: Inbox;
  presence: Presence;
  device: Device;
  settings: Settings;
}
