// A deployed endpoint under k6: customers and providers who chat. ../README.md says when to use it, and how.
// One side of a chat for each virtual user, by the protocol's rules; it audits nothing: that is what `switchboard-load` is for.
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import ws from 'k6/ws';

const MESSAGES = Number(__ENV.SWITCHBOARD_MESSAGES || 10);
const EVERY_MS = Number(__ENV.SWITCHBOARD_EVERY_MS || 2000);

// Lines of `user role token`; the n-th customer chats with the n-th provider.
const people = open(__ENV.SWITCHBOARD_TOKENS).split('\n').map((line) => line.split(' ')).filter((it) => it.length === 3);
const sides = { customer: people.filter((it) => it[1] === 'customer'), provider: people.filter((it) => it[1] === 'provider') };
const pairs = Math.min(sides.customer.length, sides.provider.length);

const sentMs = new Trend('switchboard_sent_ms', true);
const receivedMs = new Trend('switchboard_received_ms', true);
const refused = new Counter('switchboard_refused');

export const options = {
  scenarios: { chat: { executor: 'per-vu-iterations', vus: 2 * pairs, iterations: 1, maxDuration: '10m' } },
  thresholds: {
    checks: ['rate==1'],
    switchboard_refused: ['count==0'],
    switchboard_sent_ms: ['p(99)<1000'],
    switchboard_received_ms: ['p(99)<1000'],
  },
};

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ulid = () => {
  let time = '';
  for (let left = Date.now(), count = 0; count < 10; count += 1, left = Math.floor(left / 32)) time = LETTERS[left % 32] + time;
  return Array.from({ length: 16 }).reduce((id) => id + LETTERS[Math.floor(Math.random() * 32)], time);
};

export default function chat() {
  const index = (__VU - 1) >> 1;
  const [mine, others] = __VU % 2 ? [sides.customer, sides.provider] : [sides.provider, sides.customer];
  const token = mine[index][2];
  const partner = others[index][0];
  const params = { headers: { Authorization: `Bearer ${token}` } };
  const answer = ws.connect(`${__ENV.SWITCHBOARD_URL}?device=k6`, params, (socket) => side(socket, partner));
  check(answer, { 'the handshake was accepted': (it) => it && it.status === 101 });
}

function side(socket, partner) {
  const waiting = {};
  let refs = 0, cursor = 0, confirmed = 0, sends = 0, conversation = null;

  const ask = (frame, done) => {
    refs += 1;
    // What may be retried is sent again as it was: the same id, the same `after`. The other may not have arrived yet.
    waiting[refs] = (answer) => {
      if (answer.event !== 'error') return done(answer);
      if (answer.retry || answer.code === 'unknown_user') return socket.setTimeout(() => ask(frame, done), answer.retry_after_ms || 1000);
      refused.add(1, { action: frame.action, code: answer.code });
      return socket.close();
    };
    socket.send(JSON.stringify({ ...frame, ref: String(refs) }));
  };
  const next = () => {
    if (sends === MESSAGES) {
      socket.setTimeout(() => socket.close(), 2 * EVERY_MS);
      return;
    }
    sends += 1;
    const at = Date.now();
    const body = { kind: 'custom', type: 'load.timed', data: { at } };
    ask({ action: 'send', conversation, id: ulid(), after: cursor, body }, (sent) => {
      sentMs.add(Date.now() - at);
      if (sent.seq === cursor + 1) cursor = sent.seq;
      socket.setTimeout(next, EVERY_MS * (0.5 + Math.random()));
    });
  };
  socket.on('open', () => ask({ action: 'hello' }, () => {
    ask({ action: 'open', with: partner, key: `k6-${__ENV.SWITCHBOARD_KEY || 0}` }, (opened) => {
      cursor = confirmed = opened.last_seq;
      conversation = opened.conversation;
      socket.setInterval(() => {
        if (cursor === confirmed) return;
        confirmed = cursor;
        socket.send(JSON.stringify({ action: 'receipt', receipts: [{ conversation, recv: cursor, read: cursor }] }));
      }, 1000);
      next();
    });
  }));
  socket.on('message', (data) => {
    const frame = JSON.parse(data);
    if (frame.event === 'entry' && frame.conversation === conversation) {
      if (frame.seq === cursor + 1) cursor = frame.seq;
      receivedMs.add(Date.now() - frame.body.data.at);
    }
    const done = waiting[frame.ref];
    delete waiting[frame.ref];
    if (done) done(frame);
  });
  socket.on('close', () => check(sends, { 'every message was sent': (it) => it === MESSAGES }));
  socket.on('error', () => refused.add(1, { action: 'connect' }));
}
