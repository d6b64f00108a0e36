"""Speaks the wire protocol to a gateway with the client library `websockets`, whose authors never saw the gateway.

Environment: PEER_URL (ws://host:port/stage), PEER_CUSTOMER and PEER_PROVIDER: tokens of two users called alice and bob.
Ends with 0 when everything was as the protocol says, otherwise with a message that names the step.
"""

import json
import os
import sys
from contextlib import ExitStack

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PATIENCE_S = 20
URL = os.environ["PEER_URL"]
ALICE = os.environ["PEER_CUSTOMER"]
BOB = os.environ["PEER_PROVIDER"]
FRAME_BYTES_MAX = 32 * 1024
# Ids are ULIDs: 26 characters.
IDS = (f"01JZZZZZZZPYTH0N{n:010}" for n in range(1, 1000))


class Device:
    """A socket, and what is asked and heard on it."""

    def __init__(self, stack, token, device, protocols=False):
        offer = {"subprotocols": ["switchboard.v1", f"bearer.{token}"]} if protocols else {
            "additional_headers": {"Authorization": f"Bearer {token}"}
        }
        # No pings but ours. The library offers permessage-deflate.
        self.socket = stack.enter_context(
            connect(f"{URL}?device={device}", proxy=None, ping_interval=None, **offer)
        )
        self.asked = 0

    def hear(self):
        return json.loads(self.socket.recv(timeout=PATIENCE_S))

    def hear_event(self, event):
        heard = self.hear()
        same(heard["event"], event, heard)
        return heard

    def ask(self, frame, send=None):
        """Sends a frame, in the given way, and returns the answer to it."""
        self.asked += 1
        ref = str(self.asked)
        (send or self.socket.send)(json.dumps(frame | {"ref": ref}, ensure_ascii=False))
        answer = self.hear()
        same(answer.get("ref"), ref, answer)
        return answer

    def closed(self):
        """The code and the reason with which the gateway closes."""
        try:
            heard = self.socket.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the socket ended without a close frame"
            return closed.rcvd.code, closed.rcvd.reason
        raise AssertionError(f"not closed, but {heard!r}")


def same(found, expected, about=""):
    assert found == expected, f"{found!r} is not {expected!r}: {about!r}"


def send_frame(conversation, entry_id, after, text):
    body = {"kind": "text", "text": text}
    return {"action": "send", "conversation": conversation, "id": entry_id, "after": after, "body": body}


def a_handshake_without_a_token_is_refused(_stack):
    try:
        connect(URL, proxy=None).__enter__()
    except InvalidStatus as refused:
        return same(refused.response.status_code, 401)
    raise AssertionError("it was let in")


def a_browser_s_handshake_chooses_the_protocol(stack):
    alice = Device(stack, ALICE, "python-browser", protocols=True)
    same(alice.socket.subprotocol, "switchboard.v1")
    same(alice.ask({"action": "hello"})["user"], "alice")


def no_extension_is_taken(stack):
    alice = Device(stack, ALICE, "python-extensions")
    same("Sec-WebSocket-Extensions" in alice.socket.request.headers, True, "the library offers none")
    same(alice.socket.protocol.extensions, [])


def two_users_talk(stack):
    alice, bob = Device(stack, ALICE, "python-a"), Device(stack, BOB, "python-b")
    same(alice.ask({"action": "hello"})["event"], "welcome")
    opened = alice.ask({"action": "open", "with": "bob", "key": "python"})
    same((opened["event"], opened["created"], opened["last_seq"]), ("opened", True, 0), opened)
    conversation = opened["conversation"]
    same(bob.hear_event("opened")["conversation"], conversation)

    # In one frame, and in many whose ends fall within characters: the library sends bytes as they are.
    texts = ["on my way 👋🏽", "世界 " * 1500]
    frames = [send_frame(conversation, next(IDS), seq, text) for seq, text in enumerate(texts)]
    sent = [alice.ask(frames[0]), alice.ask(frames[1], send=lambda text: in_fragments(alice, text))]
    for seq, (frame, answer) in enumerate(zip(frames, sent), start=1):
        same((answer["event"], answer["seq"], answer["duplicate"]), ("sent", seq, False), answer)
        entry = bob.hear_event("entry")
        same((entry["seq"], entry["id"], entry["from"]), (seq, frame["id"], "alice"), entry)
        same(entry["body"], frame["body"])

    again = alice.ask(frames[1])
    same((again["seq"], again["ts"], again["duplicate"]), (2, sent[1]["ts"], True), again)
    same(bob.hear_event("entry")["id"], frames[1]["id"])

    receipt = {"conversation": conversation, "recv": 2, "read": 1}
    bob.socket.send(json.dumps({"action": "receipt", "receipts": [receipt]}))
    heard = alice.hear_event("receipt")
    same((heard["user"], heard["recv"], heard["read"]), ("bob", 2, 1), heard)

    page = bob.ask({"action": "history", "conversation": conversation, "after": 0})
    same([entry["body"]["text"] for entry in page["entries"]], texts)
    same(page["more"], False)


def in_fragments(device, text):
    # An iterable of strings would be cut between characters.
    data = text.encode()
    device.socket.send((data[at : at + 997] for at in range(0, len(data), 997)), text=True)


def pings_are_answered(stack):
    alice = Device(stack, ALICE, "python-pings")
    for payload in [b"", b"ping", b"\xff" * 125]:
        assert alice.socket.ping(payload).wait(PATIENCE_S), f"no pong for {payload!r}"
    alice.socket.send('{"action":"ping"}')
    same(alice.hear(), {"event": "pong"})


def a_bad_frame_closes_nothing(stack):
    alice = Device(stack, ALICE, "python-errors")
    for frame, code in [({}, "bad_request"), ({"action": "dance"}, "unknown_action")]:
        same(alice.ask(frame)["code"], code)
    alice.socket.send("no JSON")
    same(alice.hear_event("error")["code"], "bad_request")
    same(alice.ask({"action": "hello"})["event"], "welcome")


def the_longest_frame_is_heard(stack):
    alice = Device(stack, ALICE, "python-long")
    frame = '{"action":"ping","pad":""}'
    alice.socket.send(frame.replace('""', '"' + "x" * (FRAME_BYTES_MAX - len(frame)) + '"'))
    same(alice.hear(), {"event": "pong"})


def offences_close_with_their_codes(stack):
    offences = [
        (1009, "x" * (FRAME_BYTES_MAX + 1), None),
        (1003, b"binary", None),
        (1007, b"\xff", True),
        # Fragments of 30,000 octets: 128 KiB are exceeded with the fifth.
        (1009, ("x" * 30_000 for _ in range(5)), None),
    ]
    for number, (code, message, text) in enumerate(offences):
        alice = Device(stack, ALICE, f"python-offence-{number}")
        try:
            alice.socket.send(message, text=text)
        except ConnectionClosed:
            pass  # The answer came before the end of the message.
        same(alice.closed()[0], code, number)


def closes_are_echoed(stack):
    for code, reason in [(1000, ""), (1001, "leaving"), (4000, "adiós")]:
        alice = Device(stack, ALICE, f"python-close-{code}")
        alice.socket.close(code, reason)
        same(alice.closed(), (code, reason))


def a_device_that_comes_again_replaces_itself(stack):
    first = Device(stack, ALICE, "python-twice")
    same(first.ask({"action": "hello"})["event"], "welcome")
    second = Device(stack, ALICE, "python-twice")
    same(first.closed(), (1000, ""))
    same(second.ask({"action": "hello"})["event"], "welcome")


STEPS = [
    a_handshake_without_a_token_is_refused,
    a_browser_s_handshake_chooses_the_protocol,
    no_extension_is_taken,
    two_users_talk,
    pings_are_answered,
    a_bad_frame_closes_nothing,
    the_longest_frame_is_heard,
    offences_close_with_their_codes,
    closes_are_echoed,
    a_device_that_comes_again_replaces_itself,
]


def main():
    for step in STEPS:
        try:
            with ExitStack() as stack:
                # Whoever opens a conversation needs the other to have connected once.
                Device(stack, BOB, "python-known")
                step(stack)
        except Exception as error:
            sys.exit(f"{step.__name__}: {type(error).__name__}: {error}")
        print(f"{step.__name__}: ok")


if __name__ == "__main__":
    main()
