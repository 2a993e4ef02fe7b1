// The card of the rating page: a question, two answers, marks for each, and which one is better.
// A field is {name, side, hint, options: [[key, value, text]]}; the one with the focus takes the keys.

const SCALE = { 1: "no, not at all", 2: "rather not", 3: "partly", 4: "mostly", 5: "yes, fully" };
const MARKS = [1, 2, 3, 4, 5].map((mark) => [String(mark), mark, String(mark)]);
const YES_NO = [["y", true, "yes"], ["n", false, "no"]];
const BETTER = [["a", "a", "A"], ["b", "b", "B"], ["t", "tie", "tie"]];

const sideFields = (side) => [
  ...data.rubric.map(({ name, hint }) => ({ side, name, hint, options: MARKS })),
  { side, name: "acceptable", hint: "Could one publish it as it is?", options: YES_NO },
];
const PREFERENCE = { name: "preference", hint: "Which answer helps more?", options: BETTER };
const FIELDS = [...sideFields("a"), ...sideFields("b"), PREFERENCE];

const value = (field, from) => (field.side ? from[field.side]?.[field.name] : from[field.name]);
const fieldId = (field) => (field.side ? `${field.side}-${field.name}` : field.name);
const isOpen = (from) => (field) => value(field, from) == null;

function choose(field, chosen) {
  judge(field.side ? { [field.side]: { ...verdict()[field.side], [field.name]: chosen } } : { [field.name]: chosen });
  byId(fieldId(field)).classList.add("filled");
}

function fieldset(field, from, first) {
  const inputs = field.options.map(([key, chosen, text]) => {
    const checked = value(field, from) === chosen;
    const input = element("input", { type: "radio", name: fieldId(field), value: key, checked, onchange: () => choose(field, chosen) });
    return element("label", {}, input, element("span", {}, text));
  });
  const legend = element("legend", {}, element("b", {}, field.name), ` ${field.hint}`);
  const filled = isOpen(from)(field) ? "" : "filled";
  const node = element("fieldset", { id: fieldId(field), className: filled }, legend, element("div", { className: "options" }, ...inputs));
  if (field === first) (inputs.find((label) => label.firstChild.checked) || inputs[0]).firstChild.dataset.focus = "";
  return node;
}

// The field with the focus, or the first without a value.
function active() {
  const id = document.activeElement.closest("fieldset")?.id;
  return FIELDS.find((field) => fieldId(field) === id) || FIELDS.find(isOpen(verdict())) || PREFERENCE;
}

function press(key) {
  const field = [active(), PREFERENCE].find(({ options }) => options.some((option) => option[0] === key));
  if (!field) return say(`The key ${key} has no meaning for ${active().name}.`);
  say("");
  byId(fieldId(field)).querySelector(`input[value="${key}"]`).checked = true;
  choose(field, field.options.find((option) => option[0] === key)[1]);
  focusField(FIELDS[FIELDS.indexOf(field) + 1] || field);
}

function focusField(field) {
  const node = byId(fieldId(field));
  (node.querySelector("input:checked") || node.querySelector("input")).focus();
  node.scrollIntoView({ block: "nearest" });
}

function answer(side, shown, from, first) {
  const heading = element("h2", {}, `Answer ${side.toUpperCase()}`);
  const text = element("div", { className: "text", lang: shown.language }, shown[side] || "(empty)");
  return element("section", {}, heading, text, ...sideFields(side).map((field) => fieldset(field, from, matching(field, first))));
}

const matching = (field, first) => (first && fieldId(first) === fieldId(field) ? field : undefined);

function reference(shown) {
  const ontoggle = (event) => event.target.open && judge({ reference_seen: true });
  const text = element("div", { className: "text", lang: shown.language }, shown.reference);
  return element("details", { id: "reference", ontoggle }, element("summary", {}, "A verified answer, to check the facts"), text);
}

KINDS.rating = {
  card(shown, from) {
    const first = FIELDS.find(isOpen(from)) || PREFERENCE;
    const question = element("p", { className: "question", lang: shown.language }, shown.question);
    const answers = element("div", { className: "pair" }, answer("a", shown, from, first), answer("b", shown, from, first));
    return [question, reference(shown), answers, fieldset(PREFERENCE, from, matching(PREFERENCE, first))];
  },
  keys() {
    const options = [...MARKS, ...YES_NO, ...BETTER].map(([key, , text]) => [key, [KEY_TEXTS[key] || text, () => press(key)]]);
    const toggle = () => (byId("reference").open = !byId("reference").open);
    return { ...Object.fromEntries(options), r: ["verified answer", toggle] };
  },
  done: (from) => !FIELDS.some(isOpen(from)),
};
const KEY_TEXTS = { ...SCALE, a: "A is better", b: "B is better" };
