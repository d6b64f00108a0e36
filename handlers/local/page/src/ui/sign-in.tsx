// Asks for a token where no source of tokens is configured.

import { useState } from "preact/hooks";
import type { Chat } from "../model/chat";
import { Lock } from "./icons";

export function SignIn({ chat }: { readonly chat: Chat }) {
  const [problem, setProblem] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setProblem(chat.tokens.paste(String(fields.get("token"))));
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <Lock />
      <h2>Sign in as {chat.user}</h2>
      <label>
        {chat.user}'s token
        <textarea name="token" rows={5} required autocomplete="off" spellcheck={false} />
      </label>
      <p class="problem" role="alert">
        {problem}
      </p>
      <button type="submit" class="button">
        Sign in
      </button>
      <p class="hint">
        From your identity provider, or where this gateway runs: <code>switchboard token --user {chat.user} --role {chat.role}</code>
      </p>
    </form>
  );
}
