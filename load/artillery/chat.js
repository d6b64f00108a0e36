'use strict';
// One side of a chat, by the protocol's rules: one send on its way, a stable `after`, receipts, a retry of what may be retried.
// It audits nothing: that is what `switchboard-load` is for.
const { randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');

const MESSAGES = Number(process.env.SWITCHBOARD_MESSAGES || 10);
const EVERY_MS = Number(process.env.SWITCHBOARD_EVERY_MS || 2000);
const ANSWER_MS = 15_000;

// Lines of `user role token`: each user is one virtual user, once.
const lines = readFileSync(process.env.SWITCHBOARD_TOKENS, 'utf8').split('\n');
const people = lines.map((line) => line.trim().split(/\s+/)).filter((words) => words.length === 3);
let arrived = 0;
const of = (role) => people.filter((person) => person[1] === role).map((person) => person[0]);
const sides = { customer: of('customer'), provider: of('provider') };

// The n-th customer chats with the n-th provider.
const partner = (user, role) =>
  sides[role === 'customer' ? 'provider' : 'customer'][sides[role].indexOf(user)];

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const letters = (number, count) => {
  let text = '';
  for (let left = count; left > 0; left -= 1) {
    text = LETTERS[Number(number % 32n)] + text;
    number /= 32n;
  }
  return text;
};
const ulid = () => letters(BigInt(Date.now()), 10) + letters(BigInt(`0x${randomBytes(10).toString('hex')}`), 16);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function authorize(wsArgs, context, next) {
  if (arrived === people.length) {
    next(new Error('more users than tokens'));
    return;
  }
  const [user, role, token] = people[arrived];
  arrived += 1;
  Object.assign(context.vars, { user, role });
  wsArgs.target += '?device=artillery';
  wsArgs.options = { ...wsArgs.options, headers: { Authorization: `Bearer ${token}` } };
  next();
}

async function chat(context, events) {
  const { user, role } = context.vars;
  const { ws } = context;
  const waiting = new Map();
  let refs = 0, cursor = 0, confirmed = 0, conversation;

  const ask = (frame) => new Promise((resolve, reject) => {
    const ref = String(refs += 1);
    const late = setTimeout(() => reject(new Error(`${frame.action}: no answer`)), ANSWER_MS);
    waiting.set(ref, (answer) => { clearTimeout(late); resolve(answer); });
    ws.send(JSON.stringify({ ...frame, ref }));
  });
  // What may be retried is sent again as it was: the same id, the same `after`.
  const insist = async (frame, codes = []) => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await ask(frame);
      if (answer.event !== 'error') return answer;
      if (attempt === 10 || !(answer.retry || codes.includes(answer.code))) {
        throw new Error(`${frame.action}: ${answer.code}`);
      }
      events.emit('counter', `switchboard.retried.${answer.code}`, 1);
      await pause(answer.retry_after_ms || 1000);
    }
  };
  ws.on('message', (text) => {
    const frame = JSON.parse(text);
    if (frame.event === 'entry' && frame.conversation === conversation) {
      if (frame.seq === cursor + 1) cursor = frame.seq;
      events.emit('histogram', 'switchboard.received_ms', Date.now() - frame.body.data.at);
    }
    const resolve = waiting.get(frame.ref);
    if (resolve) { waiting.delete(frame.ref); resolve(frame); }
  });
  const receipts = setInterval(() => {
    if (cursor <= confirmed || !conversation) return;
    confirmed = cursor;
    ws.send(JSON.stringify({ action: 'receipt', receipts: [{ conversation, recv: cursor, read: cursor }] }));
  }, 1000);
  try {
    await insist({ action: 'hello' });
    // The other may not have arrived yet.
    const opened = await insist({ action: 'open', with: partner(user, role), key: `artillery-${process.ppid}` }, ['unknown_user']);
    cursor = confirmed = opened.last_seq;
    conversation = opened.conversation;
    for (let message = 0; message < MESSAGES; message += 1) {
      const at = Date.now();
      const body = { kind: 'custom', type: 'load.timed', data: { at } };
      const sent = await insist({ action: 'send', conversation, id: ulid(), after: cursor, body });
      events.emit('histogram', 'switchboard.sent_ms', Date.now() - at);
      if (sent.seq === cursor + 1) cursor = sent.seq;
      await pause(EVERY_MS * (0.5 + Math.random()));
    }
    await pause(2 * EVERY_MS);
  } finally {
    clearInterval(receipts);
  }
}

module.exports = { authorize, chat };
