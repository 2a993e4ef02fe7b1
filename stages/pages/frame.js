"use strict";
// What the rating page and the review page share: a queue of items, one card at a time, verdicts that outlive a reload,
// files in and out, and keys. A page adds kinds of cards to KINDS:
//   card(item, verdict) -> nodes      what to show
//   keys(item) -> {key: [text, action]}
//   done(verdict) -> boolean
// Text of the data is only ever put into the page as text nodes.

const data = JSON.parse(document.getElementById("data").textContent);
const KINDS = {};
const byId = (id) => document.getElementById(id);

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function button(text, key, onclick, pressed) {
  const node = element("button", { type: "button", onclick }, text, element("kbd", {}, key));
  if (pressed !== undefined) node.setAttribute("aria-pressed", pressed);
  return node;
}

// State: {queue: number, at: [index by queue], verdicts: [{id: verdict} by queue]}, kept under the sheet's own name.
const state = Object.assign({ queue: 0, at: [], verdicts: [] }, restored());
data.queues.forEach((queue, number) => {
  state.at[number] = Math.min(state.at[number] || 0, Math.max(queue.items.length - 1, 0));
  state.verdicts[number] = state.verdicts[number] || {};
});
if (!data.queues[state.queue]?.items.length) state.queue = Math.max(0, data.queues.findIndex((queue) => queue.items.length));

function restored() {
  try {
    return JSON.parse(localStorage.getItem(data.state));
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(data.state, JSON.stringify(state));
  } catch {
    say("This browser keeps nothing for files: download before you close the page.");
  }
}

const queue = () => data.queues[state.queue];
const kind = () => KINDS[queue().kind];
const item = () => queue().items[state.at[state.queue]];
const verdicts = () => state.verdicts[state.queue];
const verdict = () => verdicts()[item()[queue().id]] || {};
const isDone = (entry) => kind().done(verdicts()[entry[queue().id]] || {});
const say = (text) => (byId("status").textContent = text);

// Change the verdict on the item shown; `null` takes it back.
function judge(changes) {
  const id = item()[queue().id];
  if (changes === null) delete verdicts()[id];
  else verdicts()[id] = { ...verdict(), ...changes };
  keep();
  showProgress();
}

function go(index) {
  if (!queue().items[index]) return say(index < 0 ? "This is the first one." : "This is the last one.");
  state.at[state.queue] = index;
  keep();
  say("");
  show();
}

const move = (by) => go(state.at[state.queue] + by);

function goOpen() {
  const { items } = queue();
  const start = state.at[state.queue] + 1;
  const order = [...items.keys()].map((offset) => (start + offset) % items.length);
  const open = order.find((index) => !isDone(items[index]));
  return open === undefined ? say("Everything here is done: download the file.") : go(open);
}

function switchQueue(number) {
  if (!data.queues[number].items.length) return say("Nothing is left there.");
  state.queue = number;
  keep();
  show();
}

function show() {
  byId("queues").replaceChildren(...(data.queues.length > 1 ? data.queues.map(queueButton) : []));
  showProgress();
  showHelp();
  byId("card").replaceChildren(...(item() ? kind().card(item(), verdict()) : [element("p", {}, "Nothing to do here.")]));
  (byId("card").querySelector("[data-focus]") || byId("card")).focus();
  scrollTo(0, 0);
}

const queueButton = (entry, number) =>
  button(`${entry.name} (${entry.items.length})`, String(number + 1), () => switchQueue(number), state.queue === number);

function showProgress() {
  const { items } = queue();
  const done = items.filter(isDone).length;
  byId("bar").max = Math.max(items.length, 1);
  byId("bar").value = done;
  byId("count").textContent = items.length ? `${state.at[state.queue] + 1} of ${items.length}, ${done} done` : "nothing";
}

// Files: one line a verdict. What was downloaded can be loaded again, here or on another machine.
function download() {
  const { items, id, file, fixed } = queue();
  const rows = items.filter((entry) => verdicts()[entry[id]]);
  if (!rows.length) return say("There is nothing to download yet.");
  const lines = rows.map((entry) => JSON.stringify({ [id]: entry[id], ...fixed, ...verdicts()[entry[id]] }) + "\n");
  const href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  element("a", { href, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
  say(`${file}: ${rows.length} rows.`);
}

async function load() {
  const text = await byId("file").files[0].text();
  byId("file").value = "";
  let rows;
  try {
    rows = text.split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
  } catch {
    return say("This is not a file of this page: a line is not JSON.");
  }
  const taken = rows.filter(takeRow).length;
  keep();
  show();
  say(`${taken} rows loaded${taken < rows.length ? `, ${rows.length - taken} are not of this page` : ""}.`);
}

function takeRow(row) {
  const number = data.queues.findIndex(
    ({ id, fixed, items }) =>
      items.some((entry) => entry[id] === row?.[id]) && Object.keys(fixed).every((name) => row[name] === fixed[name]),
  );
  if (number < 0) return false;
  const { id, fixed } = data.queues[number];
  const own = Object.entries(row).filter(([name]) => name !== id && !(name in fixed));
  state.verdicts[number][row[id]] = Object.fromEntries(own);
  return true;
}

// Keys: the help line is made of the same table that they are looked up in.
function keys() {
  const queueKeys = data.queues.map((entry, number) => [String(number + 1), [entry.name, () => switchQueue(number)]]);
  return {
    ...(data.queues.length > 1 ? Object.fromEntries(queueKeys) : {}),
    ...(item() ? kind().keys(item()) : {}),
    j: ["next", () => move(1)],
    k: ["previous", () => move(-1)],
    g: ["next open one", goOpen],
    d: ["download", download],
    l: ["load a file", () => byId("file").click()],
  };
}

function showHelp() {
  const words = Object.entries(keys()).flatMap(([key, [text]]) => [element("span", {}, element("kbd", {}, key), ` ${text}`)]);
  byId("help").replaceChildren(...words);
}

function onKey(event) {
  const writing = event.target.matches("textarea, input:not([type=radio])");
  if (writing || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = keys()[event.key.toLowerCase()];
  if (!found) return;
  event.preventDefault();
  found[1]();
}
