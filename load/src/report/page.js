'use strict';
// Draws one run, or two beside each other, from the data in the page. No library, nothing from elsewhere.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const root = document.getElementById('report');
  root.textContent = '';

  const TIMED = {
    sent: ['Acknowledged', 'from the intended moment to the sender’s acknowledgement'],
    received: ['Received', 'from the intended moment to the other’s device'],
    last_device: ['Last device', 'from the intended moment to the last of the other’s devices'],
    push: ['Pushed', 'from acceptance to the push, by the server’s clock'],
    back: ['Back in sync', 'from the drop until the device is whole again'],
    handshake: ['Handshake', 'connection, TLS, token, upgrade'],
    hello: ['Hello', 'to the welcome'],
    sync: ['Sync', 'all of its pages'],
    open: ['Open', 'a conversation'],
    late: ['Sent late', 'the rules’ waiting and the tool’s own timer, part of the above'],
  };
  const LEADS = ['sent', 'received', 'last_device', 'push', 'back'];
  const COLOURS = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)'];

  // Elements.
  const h = (name, attributes, ...children) => {
    const it = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) it.setAttribute(key, value);
    it.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return it;
  };
  const s = (name, attributes, ...children) => {
    const it = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes || {})) it.setAttribute(key, value);
    it.append(...children);
    return it;
  };
  const section = (title, lead, ...children) =>
    h('section', {}, h('h2', {}, title), lead ? h('p', { class: 'lead' }, lead) : null, ...children);
  const table = (head, rows, kind) =>
    h('div', { class: 'scroll' }, h('table', { class: kind || '' },
      head ? h('thead', {}, h('tr', {}, head.map((it) => h('th', {}, it)))) : null,
      h('tbody', {}, rows)));
  const row = (cells, kind) => h('tr', { class: kind || '' }, cells.map((it) => h('td', {}, it)));
  const dot = (colour) => h('span', { class: 'dot', style: `background:${colour}` });

  // Figures.
  const digits = (value, most) => value.toLocaleString('en', { maximumFractionDigits: most });
  const count = (value) => digits(value, 0);
  const fine = (value) => digits(value, value < 10 ? 2 : value < 100 ? 1 : 0);
  const time = (us) => us === null || us === undefined ? '–'
    : us < 1000 ? `${count(us)} µs` : us < 1e6 ? `${fine(us / 1e3)} ms` : `${fine(us / 1e6)} s`;
  const bytes = (value) => Math.abs(value) < 1048576 ? `${fine(value / 1024)} KiB` : `${fine(value / 1048576)} MiB`;
  const span = (seconds) => seconds < 120 ? `${fine(seconds)} s`
    : seconds < 7200 ? `${fine(seconds / 60)} min` : `${fine(seconds / 3600)} h`;
  const split = (text) => { const at = text.lastIndexOf(' '); return [text.slice(0, at), text.slice(at + 1)]; };
  const rate = (run) => run.window.seconds > 0 ? run.window.acknowledged / run.window.seconds : 0;

  const tile = (name, value, unit, more) => h('div', { class: 'tile' },
    h('div', { class: 'name' }, name),
    h('div', { class: 'value' }, value, unit ? h('small', {}, unit) : null),
    h('div', { class: 'more' }, more || '\u00a0'));

  // Charts.
  const nice = (top) => {
    if (!(top > 0)) return { top: 1, step: 0.5 };
    const power = 10 ** Math.floor(Math.log10(top / 4));
    const step = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => top / it <= 5);
    return { top: Math.ceil(top / step - 1e-9) * step, step };
  };
  const frame = (width, height) => {
    const box = { width, height, left: 62, right: 14, top: 10, bottom: 30 };
    box.x = (share) => box.left + share * (box.width - box.left - box.right);
    box.y = (share) => box.top + (1 - share) * (box.height - box.top - box.bottom);
    box.svg = s('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img' });
    return box;
  };
  const label = (box, x, y, text, anchor) => box.svg.append(s('text', { x, y, 'text-anchor': anchor || 'middle' }, text));
  const horizontal = (box, share, text) => {
    box.svg.append(s('line', { class: 'grid', x1: box.x(0), x2: box.x(1), y1: box.y(share), y2: box.y(share) }));
    label(box, box.left - 9, box.y(share) + 4, text, 'end');
  };
  const vertical = (box, share, text) => {
    box.svg.append(s('line', { class: 'grid', x1: box.x(share), x2: box.x(share), y1: box.y(0), y2: box.y(1) }));
    label(box, box.x(share), box.height - 9, text);
  };
  const path = (points) => points.map(([x, y], place) => `${place ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  // A hairline that follows the pointer and says what is there.
  const pointed = (box, tell) => {
    const hair = s('line', { class: 'hair', y1: box.y(0), y2: box.y(1) });
    box.svg.append(hair);
    const tip = h('div', { class: 'tip' });
    const plot = h('div', { class: 'plot' }, box.svg, tip);
    plot.addEventListener('pointermove', (event) => {
      const size = box.svg.getBoundingClientRect();
      const x = (event.clientX - size.left) / size.width * box.width;
      const told = tell(Math.min(1, Math.max(0, (x - box.left) / (box.width - box.left - box.right))));
      if (!told) return;
      hair.setAttribute('x1', box.x(told.share)); hair.setAttribute('x2', box.x(told.share));
      hair.style.visibility = tip.style.visibility = 'visible';
      tip.replaceChildren(...told.lines.map((it) => h('div', {}, it.colour ? dot(it.colour) : '', it.text)));
      const at = box.x(told.share) / box.width * size.width;
      tip.style.left = `${at + (at > size.width / 2 ? -12 - tip.offsetWidth : 12)}px`;
      tip.style.top = '14px';
    });
    plot.addEventListener('pointerleave', () => { hair.style.visibility = tip.style.visibility = 'hidden'; });
    return plot;
  };
  const legend = (lines) => h('div', { class: 'legend' }, lines.map((it) => h('span', {}, dot(it.colour), it.name)));

  // The percentile curve of HDR histograms: the axis gives each nine the same width.
  const curves = (lines, width) => {
    // As many nines as there are cases to fill them.
    const most_cases = Math.max(...lines.map((it) => it.latency.count));
    const NINES = Math.min(5, Math.max(1.4, Math.log10(most_cases)));
    const share = (quantile) => Math.min(1, -Math.log10(Math.max(1 - quantile, 10 ** -NINES)) / NINES);
    const all = lines.flatMap((it) => it.latency.curve.map(([, us]) => Math.max(us, 1)));
    const least = Math.floor(Math.log10(Math.min(...all)) * 3) / 3;
    const most = Math.ceil(Math.log10(Math.max(...all)) * 3 + 0.01) / 3;
    const height = (us) => (Math.log10(Math.max(us, 1)) - least) / (most - least);
    const box = frame(width, width > 600 ? 300 : 230);
    for (let power = Math.ceil(least); power <= most; power += 1) horizontal(box, height(10 ** power), time(10 ** power));
    for (const base of [2, 5]) {
      for (let power = Math.floor(least); most - least < 2.2 && power <= most; power += 1) {
        const us = base * 10 ** power;
        if (height(us) > 0.02 && height(us) < 0.98) horizontal(box, height(us), time(us));
      }
    }
    const quantiles = [[0.5, 'p50'], [0.9, 'p90'], [0.99, 'p99'], [0.999, 'p99.9'], [0.9999, 'p99.99']].filter(([it]) => (width > 600 || it !== 0.5) && share(it) < 0.95);
    for (const [quantile, text] of quantiles) vertical(box, share(quantile), text);
    label(box, box.x(1), box.height - 9, 'max', 'end');
    for (const line of lines) {
      const ends = Math.min(1, Math.log10(Math.max(line.latency.count, 1)) / NINES);
      const points = line.latency.curve.map(([quantile, us]) => [box.x(Math.min(share(quantile), Math.max(ends, 0.1))), box.y(height(us))]);
      box.svg.append(s('path', { class: 'curve', d: path(points), stroke: line.colour, 'stroke-dasharray': line.dash || '' }));
    }
    const at = (latency, quantile) => (latency.curve.find(([it]) => it >= quantile) || latency.curve[latency.curve.length - 1])[1];
    const plot = pointed(box, (x) => {
      const quantile = 1 - 10 ** (-x * NINES);
      const name = `${(quantile * 100).toFixed(quantile < 0.99 ? 1 : quantile < 0.999 ? 2 : 3)} % within`;
      return { share: x, lines: [{ text: name }, ...lines.map((it) => ({ colour: it.colour, text: `${it.name}: ${time(at(it.latency, quantile))}` }))] };
    });
    return [legend(lines), plot];
  };

  // Something over time.
  const overTime = (series, lines, unit, scale = 1) => {
    const from = series[0].at_s, to = series[series.length - 1].at_s || 1;
    const x = (seconds) => to > from ? (seconds - from) / (to - from) : 0;
    const values = lines.flatMap((it) => series.map(it.of)).filter((it) => it !== null && it !== undefined);
    const round = nice(Math.max(...values, 0) / scale);
    const [top, step] = [round.top * scale, round.step * scale];
    const box = frame(500, 200);
    for (let value = 0; value <= top + step / 1000; value += step) horizontal(box, value / top, unit(value));
    const clock = nice((to - from) * 0.9);
    for (let seconds = Math.ceil(from / clock.step) * clock.step; seconds <= to; seconds += clock.step) vertical(box, x(seconds), span(seconds).replace(/\.0+ /, ' '));
    for (const line of lines) {
      const known = series.filter((it) => line.of(it) !== null && line.of(it) !== undefined);
      if (known.length === 0) continue;
      const points = known.map((it) => [box.x(x(it.at_s)), box.y(line.of(it) / top)]);
      if (line.fill) {
        const area = `${path(points)}L${points[points.length - 1][0].toFixed(1)} ${box.y(0)}L${points[0][0].toFixed(1)} ${box.y(0)}Z`;
        box.svg.append(s('path', { d: area, fill: line.fill }));
      }
      if (points.length === 1) box.svg.append(s('circle', { cx: points[0][0], cy: points[0][1], r: 3, fill: line.colour }));
      box.svg.append(s('path', { class: 'curve', d: path(points), stroke: line.colour }));
    }
    const plot = pointed(box, (share) => {
      const seconds = from + share * (to - from);
      const near = series.reduce((best, it) => Math.abs(it.at_s - seconds) < Math.abs(best.at_s - seconds) ? it : best);
      const known = lines.filter((it) => line(it, near));
      return { share: x(near.at_s), lines: [{ text: `at ${span(near.at_s)}` }, ...known.map((it) => ({ colour: it.colour, text: `${it.name}: ${unit(it.of(near))}` }))] };
    });
    const line = (it, point) => it.of(point) !== null && it.of(point) !== undefined;
    return [lines.length > 1 ? legend(lines) : null, plot];
  };

  // Parts of one run.
  const ICONS = {
    clean: 'M4 10.5l4 4 8-9', faulty: 'M5 5l10 10M15 5L5 15', unverified: 'M10 4v7M10 14.5v1.2',
  };
  const VERDICTS = {
    clean: ['good', 'Nothing lost, nothing doubled'],
    faulty: ['bad', 'The audit found faults'],
    unverified: ['warn', 'The audit was not finished'],
  };
  const verdict = (run) => {
    const [kind, text] = VERDICTS[run.verdict];
    const icon = s('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' },
      s('path', { d: ICONS[run.verdict], fill: 'none', stroke: 'currentColor', 'stroke-width': '2.4', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
    return h('div', { class: `verdict ${kind}` }, icon, text);
  };
  const date = (text) => new Date(text).toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }) + ' UTC';

  const headline = (run) => {
    const tiles = [];
    const latency = (name, title) => {
      const it = run.latency[name];
      if (!it) return;
      const [value, unit] = split(time(it.p99_us));
      tiles.push(tile(title, value, unit, `p99; half within ${time(it.p50_us)}`));
    };
    if (run.window.acknowledged > 0 && run.scenario !== 'storm') {
      tiles.push(tile('Messages', fine(rate(run)), '/s', `${count(run.window.acknowledged)} in ${span(run.window.seconds)}`));
    } else {
      tiles.push(tile('Connections', count(run.connections.open_at_end), '', `of ${count(run.connections.devices)} devices`));
    }
    if (run.latency.back) {
      const [value, unit] = split(time(run.latency.back.max_us));
      tiles.push(tile('Everybody back', value, unit, `half within ${time(run.latency.back.p50_us)}`));
    }
    latency('received', 'Sent to received');
    latency('sent', 'Sent to acknowledged');
    latency('push', 'Accepted to pushed');
    if (!run.latency.received) latency('handshake', 'Handshake');
    if (run.server && run.server.cpu_us_per_message && run.scenario !== 'storm') {
      const [value, unit] = split(time(Math.round(run.server.cpu_us_per_message)));
      tiles.push(tile('Server CPU per message', value, unit, `${fine(run.server.cores)} processors busy`));
    }
    if (run.server && (run.scenario === 'idle' || run.scenario === 'storm')) {
      // A process that has had as many connections before does not grow: that says nothing of a connection.
      if (run.server.rss_per_connection_bytes > 0) {
        const [value, unit] = split(bytes(run.server.rss_per_connection_bytes));
        tiles.push(tile('Memory per connection', value, unit, `of the server, ${bytes(run.server.rss_connected_bytes)} in all`));
      }
      const [cpu, cpuUnit] = split(time(Math.round(run.server.cpu_us_per_connect)));
      tiles.push(tile('Server CPU per connect', cpu, cpuUnit, 'handshake, token, hello'));
    }
    if (run.cost) tiles.push(tile('Cost', `$${fine(run.cost.per_million_messages)}`, '', 'for a million messages'));
    return h('div', { class: 'tiles' }, tiles);
  };

  const distributions = (run) => {
    const names = Object.keys(TIMED).filter((it) => run.latency[it]);
    if (names.length === 0) return null;
    const leads = LEADS.filter((it) => run.latency[it]);
    const drawn = leads.length ? leads : names.filter((it) => it !== 'late');
    const lines = drawn.slice(0, 4).map((it, place) => ({ name: TIMED[it][0], latency: run.latency[it], colour: COLOURS[place] }));
    const mark = (name) => { const at = drawn.slice(0, 4).indexOf(name); return at < 0 ? null : dot(COLOURS[at]); };
    const rows = names.map((name) => {
      const it = run.latency[name];
      const first = h('span', {}, mark(name), TIMED[name][0], h('em', {}, TIMED[name][1]));
      return row([first, ...[it.p50_us, it.p90_us, it.p99_us, it.p999_us, it.max_us].map(time), count(it.count)]);
    });
    return section('How long it takes', 'Every message is in these curves, each timed from the moment at which it was meant to be sent. Further to the right are rarer cases: each step is ten times rarer.',
      ...curves(lines, 1000), table(['', 'p50', 'p90', 'p99', 'p99.9', 'max', 'count'], rows));
  };

  const time_line = (run) => {
    if (run.series.length < 3) return null;
    const chat = run.series.some((it) => it.acknowledged_per_s > 0);
    const parts = [];
    if (chat) {
      parts.push(section('Messages a second', null, ...overTime(run.series, [
        { name: 'acknowledged', of: (it) => it.acknowledged_per_s, colour: 'var(--a)', fill: 'var(--a-wash)' },
        ...(run.series.some((it) => it.errors_per_s > 0) ? [{ name: 'errors', of: (it) => it.errors_per_s, colour: 'var(--bad)' }] : []),
      ], count)));
      parts.push(section('Sent to received', null, ...overTime(run.series, [
        { name: 'p50', of: (it) => it.received_p50_us, colour: 'var(--c)' },
        { name: 'p99', of: (it) => it.received_p99_us, colour: 'var(--b)' },
      ], (it) => it === 0 ? '0' : time(it))));
    }
    const server = run.series.filter((it) => it.server_rss_bytes !== null);
    if (server.length > 2) {
      parts.push(section('Memory of the server', null, ...overTime(server, [
        { name: 'memory', of: (it) => it.server_rss_bytes, colour: 'var(--d)' },
      ], (it) => it === 0 ? '0' : bytes(it), 1048576)));
      parts.push(section('Processors that the server keeps busy', null, ...overTime(server, [
        { name: 'processors', of: (it) => it.server_cores, colour: 'var(--d)' },
      ], fine)));
    }
    if (!chat) {
      parts.unshift(section('Connections', null, ...overTime(run.series, [
        { name: 'connections', of: (it) => it.connections, colour: 'var(--a)', fill: 'var(--a-wash)' },
      ], count)));
    }
    if (parts.length % 2) {
      parts.push(section('Phases', null, table(null, run.phases.map(([name, took]) => row([name, span(took)])), 'plain')));
    }
    return h('div', { class: 'columns' }, parts);
  };

  const audit = (run) => {
    const it = run.audit;
    const fault = (name, value, meaning) => row([h('span', {}, name, h('em', {}, meaning)), count(value)], value > 0 ? 'fault' : '');
    const faults = [
      fault('Missing', it.missing, 'places of a log that a device does not hold, though it has synced'),
      fault('Lost', it.lost, 'acknowledged entries that are not in the log'),
      fault('Doubled', it.doubled, 'one entry at two places, or two at one'),
      fault('Disordered', it.disordered, 'entries that are not in the order in which they were sent'),
      fault('Strangers', it.strangers, 'entries that nobody here sent there'),
      fault('Unpushed', it.unpushed, 'entries for somebody away that no push told of'),
    ];
    const counts = [
      ['Sent', it.sent], ['Acknowledged', it.acknowledged], ['In doubt', it.in_doubt, 'neither acknowledged nor known to be lost'],
      ['Received', it.received, 'by each device of the other member'],
      ['Delivered again', it.again, 'what was not confirmed in time is repeated: no fault'],
      ['Overtook another', it.early, 'allowed: the place in the log tells'],
    ].map(([name, value, meaning]) => row([h('span', {}, name, meaning ? h('em', {}, meaning) : null), count(value)]));
    return section('The audit', 'When all is said, every device syncs once more and every log is read back. What any two sources say of a message has to agree.',
      h('div', { class: 'columns wide' }, table(null, faults), table(null, counts)));
  };

  const cost = (run) => {
    if (!run.cost) return null;
    const { acknowledged } = run.window;
    const million = (dollars) => (acknowledged > 0 ? `$${fine(dollars / acknowledged * 1e6)}` : '–');
    const rows = (of) => Object.entries(of ?? {}).filter(([, dollars]) => dollars > 0).sort(([, a], [, b]) => b - a).map(([name, dollars]) => row([name, million(dollars)]));
    const month = run.cost.per_thousand_users_month ? ` A thousand users who each write 100 of them and are connected for 200 minutes in a month: $${fine(run.cost.per_thousand_users_month)}.` : '';
    return section('What it costs on AWS', `$${fine(run.cost.per_million_messages)} for a million messages, by what the functions consumed and the prices that the host was given.${month}`,
      h('div', { class: 'columns wide' }, table(['for', 'a million messages'], rows(run.cost.dollars)), table(['action', 'a million messages'], rows(run.cost.by_action))));
  };

  const resources = (run) => {
    const rows = [];
    if (run.server) {
      const it = run.server;
      rows.push(['Server, processors busy', fine(it.cores)]);
      if (it.cpu_us_per_message) {
        rows.push(['Server, CPU per message', time(Math.round(it.cpu_us_per_message))]);
        rows.push(['Server, messages per busy processor', `${count(1e6 / it.cpu_us_per_message)} /s`]);
      }
      rows.push(['Server, CPU per connect', time(Math.round(it.cpu_us_per_connect))]);
      if (it.rss_per_connection_bytes > 0) rows.push(['Server, memory per connection', bytes(it.rss_per_connection_bytes)]);
      rows.push(['Server, memory before anybody connected', bytes(it.rss_before_bytes)]);
      rows.push(['Server, memory with everybody connected', bytes(it.rss_connected_bytes)]);
      rows.push(['Server, memory at the end', bytes(it.rss_after_bytes)]);
    }
    rows.push(['This tool, share of its one thread', `${fine(run.tool.busy * 100)} %`]);
    rows.push(['This tool, memory', bytes(run.tool.rss_bytes)]);
    rows.push(['Processors of the machine', count(run.machine.processors)]);
    const load = (value) => value === null ? 'unknown' : fine(value);
    rows.push(['Load average before and after', `${load(run.machine.load_before)}, ${load(run.machine.load_after)}`]);
    return section('What it takes', null, table(null, rows.map((it) => row(it)), 'plain'));
  };

  const counted = (run) => {
    const entries = Object.entries(run.counted).filter(([name]) => !name.startsWith('switchboard_dollars_') && !name.startsWith('switchboard_consumed_'));
    if (entries.length === 0) return null;
    const messages = run.window.acknowledged;
    const name = (it) => it.replace(/^switchboard_/, '').replace(/_total/, '').replaceAll('_', ' ');
    const rows = entries.map(([it, by]) => row([name(it), count(by), messages > 0 ? fine(by / messages) : '–']));
    return section('What the gateway counted', 'From the first timed message until everything was answered.',
      table(['', 'all', 'per message'], rows));
  };

  const plan = (run) => {
    const rows = Object.entries(run.plan).map(([name, value]) => row([name, value]));
    rows.push(row(['connections opened, lost', `${count(run.connections.opened)}, ${count(run.connections.lost)}`]));
    for (const [what, name] of [['caught_up', 'arrivals by sync, not live'], ['resent', 'sends repeated'], ['unsent', 'intended and never sent']]) {
      if (run.window[what] > 0) rows.push(row([name, count(run.window[what])]));
    }
    return section('What was played', null, table(null, rows, 'plain'));
  };
  const errors = (run) => {
    const rows = Object.entries(run.errors).sort((a, b) => b[1] - a[1]).map(([kind, value]) => row([kind, count(value)]));
    return rows.length ? section('Errors', 'What devices met and, by the protocol’s rules, got over.', table(null, rows)) : null;
  };
  const notes = (run) => run.notes.length
    ? section('To be read with it', null, h('ul', { class: 'notes' }, run.notes.map((it) => h('li', {}, it)))) : null;

  const one = (run) => {
    root.append(h('header', {}, h('div', {},
      h('div', { class: 'over' }, 'Switchboard under load'),
      h('h1', {}, run.scenario[0].toUpperCase() + run.scenario.slice(1)),
      h('div', { class: 'under' }, `${run.target} · ${date(run.started_at)}`)), verdict(run)));
    const parts = [headline(run), distributions(run), time_line(run), audit(run), cost(run), errors(run),
      h('div', { class: 'columns' }, resources(run), plan(run)), counted(run), notes(run)];
    root.append(...parts.filter(Boolean));
  };

  // Two runs.
  const ratios = (lines) => lines.map((it) => {
    const isSame = it.ratio > 0.95 && it.ratio < 1.05;
    const isBetter = it.better === 'higher' ? it.ratio > 1 : it.ratio < 1;
    const kind = isSame ? '' : isBetter ? 'better' : 'worse';
    const shift = Math.max(-1, Math.min(1, Math.log2(it.ratio) / 3)) * 50;
    const colour = isSame ? 'var(--faint)' : isBetter ? 'var(--good)' : 'var(--bad)';
    const fill = `left:${shift < 0 ? 50 + shift : 50}%;width:${Math.abs(shift)}%;background:${colour}`;
    return row([it.name, `${fine(it.a)} ${it.unit}`, `${fine(it.b)} ${it.unit}`,
      h('span', { class: kind }, `${it.ratio < 10 ? it.ratio.toFixed(2) : fine(it.ratio)} ×`),
      h('span', { class: 'bar' }, h('i', { style: fill }), h('b', {}))]);
  });
  const two = (a, b, comparison) => {
    root.append(h('header', {}, h('div', {},
      h('div', { class: 'over' }, 'Switchboard under load'),
      h('h1', {}, 'Two runs'),
      h('div', { class: 'under' }, dot('var(--a)'), `A: ${a.scenario}, ${date(a.started_at)}`),
      h('div', { class: 'under' }, dot('var(--b)'), `B: ${b.scenario}, ${date(b.started_at)}`)),
    h('div', {}, verdict(a), ' ', verdict(b))));
    if (comparison.differences.length) {
      root.append(section('Not the same', 'Where plans differ, a ratio may mean nothing.',
        h('ul', { class: 'notes' }, comparison.differences.map((it) => h('li', {}, it)))));
    }
    root.append(section('Side by side', 'The ratio is B by A. A bar to the full width is a factor of eight.',
      table(['', 'A', 'B', 'B / A', ''], ratios(comparison.lines))));
    const names = Object.keys(TIMED).filter((it) => it !== 'late' && a.latency[it] && b.latency[it]);
    const parts = names.map((name) => section(TIMED[name][0], TIMED[name][1], ...curves([
      { name: 'A', latency: a.latency[name], colour: 'var(--a)' },
      { name: 'B', latency: b.latency[name], colour: 'var(--b)' },
    ], 500)));
    if (parts.length) root.append(h('div', { class: 'columns' }, parts));
    root.append(h('div', { class: 'columns' }, plan(a), plan(b)));
  };

  if (data.runs.length === 2) two(data.runs[0], data.runs[1], data.comparison);
  else one(data.runs[0]);
  root.append(h('footer', {}, `switchboard-load ${data.runs[0].version}, ${data.runs[0].schema}`));
})();
