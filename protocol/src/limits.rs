//! Every bound of the wire, with its reason.

/// A frame of the platform: a longer one closes the socket with 1009.
pub const FRAME_BYTES_MAX: usize = 32_768;
/// A body, as compact JSON: two of them and their envelopes fit into one frame, and one entry costs at most 17 write units.
pub const BODY_BYTES_MAX: usize = 16_384;
/// The characters (Unicode scalar values) of a text: long enough for any chat message, short enough to stay a body in most scripts.
pub const TEXT_CHARS_MAX: usize = 8_000;
/// A client's `ref`: it is echoed, so it is paid for twice.
pub const REF_BYTES_MAX: usize = 64;
/// A conversation's `key`: room for a booking number or a UUID.
pub const KEY_BYTES_MAX: usize = 64;
/// A conversation's `subject`: one line on a phone, in any script.
pub const SUBJECT_BYTES_MAX: usize = 256;
/// A user's name: Cognito's `sub` has 36 characters; other issuers stay below this.
pub const USER_BYTES_MAX: usize = 128;
/// A device's name.
pub const DEVICE_CHARS_MAX: usize = 64;
/// The `type` of a custom body.
pub const CUSTOM_TYPE_CHARS_MAX: usize = 64;
/// A reaction: an emoji with a skin tone, or a flag of a country; families and flags of regions are longer, and not taken.
pub const EMOJI_BYTES_MAX: usize = 16;
/// The names of an attachment: file systems end at 255.
pub const ATTACHMENT_NAME_BYTES_MAX: usize = 255;
/// Receipts in one frame: a second of reading on a busy device.
pub const RECEIPTS_MAX: usize = 50;
/// Entries that `history` answers at most.
pub const HISTORY_MAX: usize = 100;
/// Entries that `history` answers when it is not told.
pub const HISTORY_DEFAULT: usize = 50;
/// Cursors in one `sync`.
pub const CURSORS_MAX: usize = 500;
/// Conversations that `inbox` answers at most.
pub const INBOX_MAX: usize = 50;
/// Conversations that `inbox` answers when it is not told, and that `welcome` carries.
pub const INBOX_DEFAULT: usize = 20;
/// Conversations that `sync` looks at beside the ones it was given cursors for.
pub const SYNC_RECENT_MAX: usize = 100;
/// Entries of a conversation that `sync` answers where it was given no cursor.
pub const SYNC_NEWEST: usize = 20;
/// Users in one `presence`.
pub const PRESENCE_MAX: usize = 20;
/// Where `unread` stops counting: a badge says "99+".
pub const UNREAD_MAX: u64 = 99;
/// A push service's token for a device: APNs has 64 to 200 characters, FCM about 160, and both reserve the right to grow.
pub const PUSH_TOKEN_BYTES_MAX: usize = 2_048;
/// A BCP 47 language tag.
pub const LOCALE_BYTES_MAX: usize = 35;
/// Sends of one user in a conversation within [`SENDS_WINDOW_MS`].
pub const SENDS_MAX: usize = 20;
/// The window of [`SENDS_MAX`].
pub const SENDS_WINDOW_MS: u64 = 10_000;

// An entry with the largest body always fits into a page: the page's own envelope and an entry's are below 1 KiB each.
const _: () = assert!(BODY_BYTES_MAX + 2 * 1_024 < FRAME_BYTES_MAX);
const _: () = assert!(HISTORY_DEFAULT <= HISTORY_MAX);
const _: () = assert!(INBOX_DEFAULT <= INBOX_MAX);
// A text of the longest kind in a script of one byte fits into a body.
const _: () = assert!(TEXT_CHARS_MAX + 64 < BODY_BYTES_MAX);
