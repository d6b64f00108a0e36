// The emoji on offer. What else a keyboard can type may be sent all the same.

export const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

export const GROUPS: readonly (readonly [name: string, emoji: readonly string[]])[] = [
  ["Faces", [..."😀😄😁😅😂🤣😊🙂😉😍😘😋😜🤗🤔🤨😐🙄😏😴😌😕😮😢😭😤😡🤯😳🥳😎🤓🥺😱😇🤝"]],
  ["Gestures", [..."👍👎👌🤞👏🙌🙏💪👋🤙👀🫡🤷🙋💁🫶"]],
  ["Hearts and signs", ["❤️", "🧡", "💛", "💚", "💙", "💜", "🖤", "💔", "💯", "✅", "❌", "❓", "❗", "⭐", "🔥", "✨", "🎉", "🎂"]],
  ["Life and work", [..."🏠🔑🛠️🔧🪛🧹🚿💡📦🚚🚗🚲📷📍📅⏰📞💬📎🧾💳💰☕🍕🍎🌧️☀️🌙🐶🐱🌱"].filter((it) => it !== "\ufe0f")],
];
