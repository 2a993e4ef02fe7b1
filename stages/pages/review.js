// The cards of the review page: doubtful findings of personal data, and drafts that nobody has checked.

const today = () => new Date().toISOString().slice(0, 10);

// Record a verdict in place of an earlier one and go on to the next item that is open.
function decide(row) {
  judge(null);
  judge(row);
  goOpen();
  if (kind().done(verdict())) show();
}

const actions = (from) =>
  element("div", { className: "actions" }, ...Object.entries(kind().keys(item())).map(([key, [text, action, name]]) =>
    button(text, key, action, from.verdict !== undefined && from.verdict === name)));

const facts = (...values) => element("p", { className: "note" }, values.filter(Boolean).join(" · "));

KINDS.pii = {
  card(shown, from) {
    const marked = element("mark", {}, shown.found);
    const text = element("div", { className: "text", dir: "auto" }, shown.before, marked, shown.after);
    const question = element("h2", {}, `Is this personal data (${shown.entity})?`);
    return [question, text, facts(`score ${shown.score}`, shown.source), actions(from)];
  },
  keys: ({ entity }) => ({
    y: ["personal data", () => decide({ entity, verdict: "pii" }), "pii"],
    n: ["not personal", () => decide({ entity, verdict: "not_pii" }), "not_pii"],
    s: ["skip", () => move(1)],
  }),
  done: (from) => from.verdict !== undefined,
};

// A form below the draft. `fields` are [name, label, node]; saving needs all of those that are required.
function form(verdictName, fields) {
  const save = (event) => {
    event.preventDefault();
    const values = fields.map(([name, , node]) => [name, node.value.trim()]).filter(([, text]) => text);
    decide({ ...Object.fromEntries(values), verdict: verdictName, date: today() });
  };
  const labels = fields.map(([, text, node]) => element("label", {}, text, node));
  const bar = element("div", { className: "actions" }, element("button", { className: "main" }, "Save", element("kbd", {}, "Ctrl+Enter")),
    button("Cancel", "Esc", show));
  const node = element("form", { onsubmit: save, onkeydown: formKeys }, ...labels, bar);
  byId("card").querySelector("form")?.remove();
  byId("card").append(node);
  fields[0][2].focus();
}

function formKeys(event) {
  if (event.key === "Escape") show();
  if (event.key === "Enter" && event.ctrlKey) event.currentTarget.requestSubmit();
}

// A blank text is none: only what has a letter or the like in it may be saved.
const filled = (node) => {
  node.required = true;
  node.oninput = () => node.setCustomValidity(node.value.trim() ? "" : "Write something.");
  return node;
};

function edit() {
  const text = filled(element("textarea", { rows: 10, value: verdict().edited || item().answer, lang: item().language }));
  form("edited", [["edited", "The answer as it should be", text], ["reason", "Why (optional)", element("input", {})]]);
}

const reject = () => form("rejected", [["reason", "Why is it rejected?", filled(element("input", { value: verdict().reason || "" }))]]);

const accept = () => decide({ verdict: "accepted", date: today() });

KINDS.draft = {
  card(shown, from) {
    const { language: lang } = shown;
    const question = element("p", { className: "question", lang }, shown.question);
    const text = element("div", { className: "text", lang }, from.edited || shown.answer || "(empty)");
    const now = from.verdict ? element("p", {}, element("b", {}, from.verdict), from.reason ? `: ${from.reason}` : "") : "";
    return [question, text, facts(shown.facts, shown.source), now, actions(from)];
  },
  keys: () => ({
    a: ["accept", accept, "accepted"],
    e: ["edit", edit, "edited"],
    x: ["reject", reject, "rejected"],
    s: ["skip", () => move(1)],
  }),
  done: (from) => from.verdict !== undefined,
};
