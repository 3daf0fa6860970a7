// The page: what is asked goes to DECODE_COST under the arguments' own names, what is said comes from it and from WHY.
import { CellError, call, catalogue, explain, parameters } from "./functions.mjs";

const MILLION = 1e6;
const ENDS = ["low", "calibrated", "high", "ideal"]; // of the estimate
const LARGEST = 4096; // batch of the curve, unless a larger one is asked for
const FIELDS = ["model", "chips", "chip", "precision", "batch", "context", "utilization", "usd_per_hour", "price_basis"];
const BINDS = { compute: "computing", weights: "reading the weights", kv: "reading the KV cache" };
const OF_RENT = /\b(usd_per_hour|price_)\w*/g; // columns of a chip that a rent of one's own replaces
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i; // a number that a formula can hold as it stands

const form = document.getElementById("question");
const part = (id) => document.getElementById(id);

/** An element with properties, and children that are elements or text; nothing is ever read as HTML. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ---- numbers as they are read

function digits(value) {
  return value >= 999.5 ? Math.round(value).toLocaleString("en-US") : String(value.toPrecision(3));
}
const count = (value) => Number(value.toPrecision(6)).toLocaleString("en-US");
const money = (value) => make("data", { value: String(value) }, `$${digits(value)}`);
const percent = (share) => `${Math.round(100 * share)} %`;
const seconds = (value) => (value < 1 ? `${digits(1000 * value)} ms` : `${digits(value)} s`);

// ---- the question

const asked = () => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
const argumentsOf = (name, question) => parameters(name).map((each) => question[each.name] ?? "");
const answers = (name, question) => call(name, argumentsOf(name, question)).map(([cell]) => cell);
const rentOf = ({ chip, price_basis: basis }) => catalogue.rents[chip]?.[basis];

/** The arguments as a formula holds them; what is blank or as it would be anyway is left out. */
function spelled(question) {
  const given = parameters("DECODE_COST").map(({ name, default: usual }) => {
    const text = question[name] ?? "";
    if (text === "" || text === usual) return "";
    return PLAIN.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  });
  while (given.at(-1) === "") given.pop();
  return given.join(",");
}

// ---- the answer

function show() {
  const question = asked();
  const why = explain("DECODE_COST", argumentsOf("DECODE_COST", question));
  const wrong = why instanceof CellError;
  part("figures").hidden = wrong;
  for (const button of document.querySelectorAll("[data-copies]")) button.textContent = button.value;
  showHints(question);
  if (wrong) return refuse(why.reason, question);
  const costs = Object.fromEntries(ENDS.map((estimate) => [estimate, costsOf({ ...question, estimate })[0]]));
  part("answer").replaceChildren(
    make("p", { className: "cost" }, money(costs.calibrated), "per million output tokens"),
    make("p", { className: "band" }, "80 % band ", money(costs.low), " to ", money(costs.high), " · floor ",
      money(costs.ideal), ", which these chips cannot beat"),
  );
  showFacts(question, why.values);
  showParts(why);
  showNotes(question, why);
  part("cost").textContent = `=DECODE_COST(${spelled(question)})*1E6`;
  part("why").textContent = `=WHY("DECODE_COST",${spelled(question)})`;
  curve = curveOf(question, why.values);
  showCurve(question);
}

const costsOf = (question) => answers("DECODE_COST", question).map((cost) => MILLION * cost);

/** What the blank fields stand for. */
function showHints(question) {
  for (const name of FIELDS) {
    form[name].removeAttribute("aria-invalid");
    part(`${name}-said`).textContent = "";
  }
  const [fewest] = answers("CHIPS_NEEDED", question);
  const rent = rentOf(question);
  form.chips.placeholder = fewest instanceof CellError ? "" : fewest;
  if (!question.chips && !(fewest instanceof CellError)) part("chips-said").textContent = "Blank: the fewest";
  form.usd_per_hour.placeholder = rent ? rent.usd_per_hour : "";
  if (!question.usd_per_hour && rent) part("usd_per_hour-said").textContent = `Blank: rent of ${rent.price_date}`;
}

/** The function's own reason, in the place of the answer and beside the field that it names. */
function refuse(reason, question) {
  part("answer").replaceChildren(make("p", { className: "wrong" }, reason));
  const [fewest] = answers("CHIPS_NEEDED", question);
  const tooFew = reason.includes("does not fit") && question.chips && !(fewest instanceof CellError);
  if (tooFew) part("answer").append(make("p", {}, `It takes ${fewest} chips: leave Chips blank for the fewest.`));
  const words = reason.replace(/(["']).*?\1/g, ""); // without what was typed
  const named = FIELDS.find((name) => new RegExp(`\\b${name.replace("_", "[_ ]")}\\b`).test(words));
  const field = tooFew ? "chips" : named;
  if (!field) return;
  form[field].setAttribute("aria-invalid", "true");
  part(`${field}-said`).textContent = reason;
}

function showFacts(question, values) {
  const { batch, step_time: step, chips, usd_per_hour: rent, context } = values;
  const [input] = answers("PREFILL_COST", { ...question, input_tokens: context, chips });
  const facts = [
    ["Time per token", seconds(step)],
    ["Each user gets", `${digits(1 / step)} tokens/s`],
    ["All users together", `${digits(batch / step)} tokens/s`],
    ["Chips", count(chips), `$${digits(chips * rent)} an hour`],
    ...(input instanceof CellError ? [] : [["Input", money(MILLION * input), `per million, prompt of ${count(context)}`]]),
  ];
  part("facts").replaceChildren(...facts.map(([label, value, more = ""]) =>
    make("div", {}, make("dt", {}, label), make("dd", {}, value, make("small", {}, more)))));
}

function showParts({ parts, binds }) {
  const shown = parts.filter((each) => each.share >= 0.005);
  part("parts").replaceChildren(...shown.map(({ label, share }) => {
    const bar = make("span");
    bar.style.width = `${100 * share}%`;
    return make("li", {}, make("span", {}, label), make("span", { className: "share" }, percent(share)),
      make("span", { className: "bar" }, bar));
  }));
  part("binds").textContent = `The floor is bound by ${BINDS[binds]}.`;
}

function showNotes(question, { notes }) {
  const [chip, model] = [["chip", catalogue.chips], ["model", catalogue.models]].map(([kind, rows]) =>
    rows.find((row) => row.name === question[kind]));
  const rent = question.usd_per_hour ? null : rentOf(question);
  const doubts = [[chip, rent ? rent.unverified : chip?.unverified?.replace(OF_RENT, "")], [model, model?.unverified]]
    .map(([row, columns]) => [row?.name, columns?.trim()]).filter(([, columns]) => columns);
  part("notes").replaceChildren(...[
    ...notes.map((each) => `${each[0].toUpperCase()}${each.slice(1)}.`),
    "The band is that of four in five measurements of the vendor's chips, where there are any; the floor is peak rates and " +
      "perfect overlap.",
    ...doubts.map(([name, columns]) => `Not verified of ${name}: ${columns.replaceAll(" ", ", ")}.`),
  ].map((each) => make("li", {}, each)));
  const sources = [
    [chip?.name, chip?.spec_source, chip?.spec_date],
    [model?.name, model?.source, model?.date],
    [`Rent of ${chip?.name}, ${question.price_basis}`, rent && [rent.price_source, rent.price_notes].filter(Boolean).join(". "),
      rent?.price_date],
  ].filter(([, source]) => source);
  part("sources").replaceChildren(...sources.flatMap(([what, source, date]) =>
    [make("dt", {}, `${what}, ${date}`), make("dd", {}, source)]));
}

// ---- the curve

let curve;

/** The costs of the same question at other batches; with so many chips as are given, up to what fits on them. */
function curveOf(question, { batch: chosen, weights_bytes: weights, kv_sequence: cache, hbm, chips, headroom }) {
  const fitting = question.chips ? call("MAX_BATCH", [weights, cache, hbm, chips, headroom])[0][0] : Infinity;
  const most = Math.min(fitting, Math.max(LARGEST, chosen));
  const steps = Array.from({ length: 3 * Math.ceil(Math.log2(most)) }, (_, step) => Math.round(2 ** (step / 3)));
  const batches = [...new Set([...steps, most, chosen])].filter((batch) => batch <= Math.max(most, chosen))
    .sort((one, other) => one - other);
  const column = batches.map((batch) => [batch]);
  const costs = ENDS.map((estimate) => costsOf({ ...question, batch: column, estimate }));
  const points = batches.map((batch, row) => ({ batch, ...Object.fromEntries(ENDS.map((end, place) => [end, costs[place][row]])) }));
  return { chosen, points, ends: most === fitting };
}

function showCurve(question) {
  const { points, chosen, ends } = curve;
  part("curve").closest("section").hidden = points[0].calibrated === 0; // which has no logarithm: the chips are free
  part("points").replaceChildren(...points
    .filter(({ batch }) => batch === chosen || batch === points.at(-1).batch || Number.isInteger(Math.log2(batch)))
    .map((point) => make("tr", {}, make("th", { scope: "row" }, count(point.batch)),
      ...ENDS.map((end) => make("td", {}, digits(point[end]))))));
  const most = ends ? `; a batch above ${count(points.at(-1).batch)} does not fit` : "";
  part("curve-hint").textContent =
    `$ per million output tokens${question.chips ? most : "; each batch on the fewest chips"}`;
  draw();
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where there are few. */
function ticks([low, high]) {
  const tens = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) tens.push(10 ** power);
  const all = high / low > 300 ? tens : tens.flatMap((ten) => [ten, 2 * ten, 5 * ten]);
  return all.filter((tick) => tick >= low && tick <= high);
}

function draw() {
  const { points, chosen } = curve;
  const svg = part("curve");
  const { clientWidth: width, clientHeight: height } = svg;
  if (!width) return; // hidden
  const [left, right, top, bottom] = [44, width - 12, 10, height - 36];
  const ranges = [[points[0].batch, points.at(-1).batch],
    [Math.min(...points.map((each) => each.ideal)) * 0.9, Math.max(...points.map((each) => each.high)) * 1.1]];
  const scale = ([low, high], from, to) => (value) =>
    from + ((to - from) * Math.log(value / low)) / (Math.log(high / low) || 1);
  const [x, y] = [scale(ranges[0], left, right), scale(ranges[1], bottom, top)];
  const line = (end) => points.map((each) => `${x(each.batch).toFixed(1)} ${y(each[end]).toFixed(1)}`);
  const mark = points.find((each) => each.batch === chosen);
  const besides = x(chosen) > (left + right) / 2; // where the label would leave the picture on the right
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", `Cost against batch: $${digits(points[0].calibrated)} per million output tokens at batch ` +
    `${count(points[0].batch)}, $${digits(mark.calibrated)} at ${count(chosen)}, $${digits(points.at(-1).calibrated)} at ` +
    `${count(points.at(-1).batch)}; the table below has all of it.`);
  svg.replaceChildren(
    ...ticks(ranges[1]).flatMap((tick) => [
      shape("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
      shape("text", { class: "axis", x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, `$${Number(tick.toPrecision(1))}`)]),
    ...ticks(ranges[0]).flatMap((tick) => [
      shape("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: bottom }),
      shape("text", { class: "axis", x: x(tick), y: bottom + 16, "text-anchor": "middle" }, tick.toLocaleString("en-US"))]),
    shape("text", { class: "axis", x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "Batch, sequences"),
    shape("path", { class: "band", d: `M${[...line("high"), ...line("low").reverse()].join("L")}Z` }),
    shape("path", { class: "ideal", d: `M${line("ideal").join("L")}` }),
    shape("path", { class: "calibrated", d: `M${line("calibrated").join("L")}` }),
    shape("line", { class: "drop", x1: x(chosen), x2: x(chosen), y1: y(mark.calibrated), y2: bottom }),
    shape("circle", { class: "chosen", cx: x(chosen), cy: y(mark.calibrated), r: 6 }),
    shape("text", { class: "value", x: x(chosen) + (besides ? 4 : 8), y: y(mark.calibrated) - 12,
      "text-anchor": besides ? "middle" : "start" }, `$${digits(mark.calibrated)} at ${count(chosen)}`),
  );
}

function shape(tag, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

// ---- the link: the question stands behind the page's #

function keep() {
  const fields = [...new FormData(form)].filter(([name, value]) => value || form[name].defaultValue);
  history.replaceState(null, "", `#${new URLSearchParams(fields)}`);
}

function recall() {
  form.reset();
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (!FIELDS.includes(name)) continue;
    form[name].value = value;
    if (form[name].value === value) continue;
    form[name].options?.add(new Option(value, value)); // an unknown name: the function says what it makes of it
    form[name].value = value;
  }
  show();
}

async function copy({ currentTarget: button }) {
  const wanted = part(button.dataset.copies);
  keep();
  try {
    await navigator.clipboard.writeText(wanted ? wanted.textContent : location.href);
    button.textContent = "Copied";
  } catch { // no clipboard but on https and localhost
    if (wanted) getSelection().selectAllChildren(wanted);
    button.textContent = wanted ? "Press Ctrl+C" : "Copy the address";
  }
}

// ---- beginning

function offer(select, rows, usual) {
  const vendors = [...new Set(rows.map((row) => row.vendor))];
  select.append(...vendors.map((vendor) => make("optgroup", { label: vendor },
    ...rows.filter((row) => row.vendor === vendor).map(({ name }) => new Option(name, name, name === usual)))));
}

offer(form.model, catalogue.models, "DeepSeek-V3");
offer(form.chip, catalogue.chips, "H200 SXM");
for (const [name, texts] of Object.entries({ precision: catalogue.formats, price_basis: catalogue.bases })) {
  const usual = parameters("DECODE_COST").find((each) => each.name === name).default;
  form[name].append(...texts.map((text) => new Option(text, text, text === usual)));
}
form.addEventListener("input", () => { keep(); show(); });
part("again").addEventListener("click", () => { history.replaceState(null, "", location.pathname); recall(); });
for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", copy);
addEventListener("hashchange", recall);
new ResizeObserver(() => curve && draw()).observe(part("curve"));
recall();
