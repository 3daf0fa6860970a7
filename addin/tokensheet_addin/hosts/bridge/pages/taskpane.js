"use strict";
// The task pane: find a function, read its help and insert it; ask a cell why; browse chips and models; open a workbook.
const REFERENCE = /^(?:(?:'(?:[^']|'')+'|[\w.]+)!)?\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7}|#)?$/i;
const SPELLINGS = { native: "Plain formulas, for any program", lambda: "LAMBDA names, for Excel 365" };
const SUFFIXES = [["P", 1e15], ["T", 1e12], ["G", 1e9], ["M", 1e6]];

const content = document.getElementById("content");
const search = document.getElementById("search");
let help;

/** An element with attributes, and children that are elements or text; nothing is ever read as HTML. */
function make(tag, attributes = {}, ...children) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}
const say = (text) => { document.getElementById("said").textContent = text; };
const matches = (...texts) => search.value.toLowerCase().split(/\s+/)
  .every((word) => texts.join(" ").toLowerCase().replaceAll("_", " ").includes(word.replaceAll("_", " ")));

function number(value) {
  if (typeof value !== "number") return String(value);
  const [suffix, size] = SUFFIXES.find(([, size]) => Math.abs(value) >= size) ?? ["", 1];
  return `${Number((value / size).toPrecision(6))}${suffix}`;
}

// ---- sections

const SECTIONS = {
  Functions: { hint: "Search functions, such as cost or batch", show: showFunctions },
  Why: { hint: "", show: showWhy },
  Chips: { hint: "Search chips", show: () => showCatalogue("chip", help.chips, chipFacts) },
  Models: { hint: "Search models", show: () => showCatalogue("model", help.models, modelFacts) },
  Workbooks: { hint: "", show: showWorkbooks },
};
let section = "Functions";

function open(name) {
  section = name;
  search.value = "";
  show();
}

function show() {
  document.querySelector("nav").replaceChildren(...Object.keys(SECTIONS).map((name) => {
    const tab = make("button", { textContent: name, onclick: () => open(name), role: "tab" });
    tab.ariaSelected = String(name === section);
    return tab;
  }));
  const { hint, show } = SECTIONS[section];
  Object.assign(search, { placeholder: hint, ariaLabel: hint, hidden: !hint });
  say("");
  show();
}

function list(entries) {
  content.replaceChildren(...(entries.length ? entries : [make("p", { className: "none" }, "Nothing found.")]));
}

function detail(...parts) {
  search.hidden = true;
  content.replaceChildren(make("div", { className: "detail" },
    make("button", { className: "back", onclick: show }, `‹ ${section}`), ...parts));
  document.querySelector("main").scrollTop = 0;
}

// ---- functions

function showFunctions() {
  const entry = (each) => make("button", { className: "entry", onclick: () => showFunction(each) },
    make("span", { className: "name" }, each.name, " ", make("span", { className: "unit" }, each.unit)),
    make("p", {}, each.summary));
  if (search.value.trim()) {
    const named = help.functions.filter((each) => matches(each.name));
    const others = help.functions.filter((each) =>
      !named.includes(each) && matches(each.name, each.subject, each.summary));
    list([...named.sort((one, other) => one.name.length - other.name.length), ...others].map(entry));
    return;
  }
  const subjects = [...new Set(help.functions.map((each) => each.subject))].sort();
  list(subjects.flatMap((subject) => [
    make("h3", { className: "group" }, subject.replaceAll("_", " ")),
    ...help.functions.filter((each) => each.subject === subject).map(entry),
  ]));
}

function showFunction(chosen) {
  const inputs = chosen.arguments.map(() => make("input", { spellcheck: false, autocomplete: "off", oninput: update }));
  const formula = make("code");
  const output = make("output");
  const insert = make("button", { className: "action first", onclick: () => write(formula.textContent) },
    "Insert in cell");
  const fields = chosen.arguments.map((argument, index) => {
    const input = inputs[index];
    input.id = `argument-${index}`;
    input.placeholder = argument.required ? "A value or a cell, such as B2" : "optional";
    if (argument.choices) input.setAttribute("list", argument.choices);
    return make("div", { className: "argument" },
      make("label", { htmlFor: input.id },
        make("span", {}, argument.name.replaceAll("_", " "), argument.rest ? " …" : ""), " ",
        make("span", { className: "unit" }, argument.unit)),
      input, make("p", {}, withoutUnit(argument)));
  });
  let latest = 0;

  async function update() {
    const given = chosen.arguments.map((argument, index) => spell(argument, inputs[index].value));
    while (given.length && given.at(-1).text === "" && !chosen.arguments[given.length - 1].required) given.pop();
    formula.textContent = `=${help.namespace}.${chosen.name}(${given.map((each) => each.text).join(", ")})`;
    const missing = given.some((each, index) => each.text === "" && chosen.arguments[index].required);
    insert.disabled = missing;
    [output.textContent, output.className] = ["", ""];
    const turn = ++latest;
    if (missing || given.some((each) => each.value === undefined)) return; // only Excel knows what is in its cells
    try {
      const [[cell]] = await Tokensheet.call(chosen.name, given.map((each) => each.value));
      const shown = typeof cell === "number" ? `${Number(cell.toPrecision(7))} ${unit(chosen)}` : String(cell);
      if (turn === latest) output.textContent = shown;
    } catch (error) {
      if (turn === latest) [output.textContent, output.className] = [error.message, "wrong"];
    }
  }

  const facts = [
    ["Gives", `${chosen.returns} (${chosen.unit})`],
    ["Formula", chosen.formula && make("code", {}, chosen.formula)],
    ["Notes", chosen.notes],
    ["Source", chosen.source],
  ].filter(([, fact]) => fact);
  detail(make("h2", { className: "name" }, chosen.name), make("p", {}, chosen.summary), ...fields,
    make("div", { className: "result" }, formula, output), make("div", { className: "actions" }, insert),
    make("dl", {}, ...facts.flatMap(([label, fact]) => [make("dt", {}, label), make("dd", {}, fact)])));
  update();
}

const unit = (chosen) => (chosen.unit.startsWith("any") ? "" : chosen.unit);

/** An argument's help; its unit stands above already. */
const withoutUnit = ({ help, unit }) =>
  help.replace(` (${unit})`, "").replace(`(${unit}, `, "(").replace(/([<>]=?) /g, "$1\u00a0");

/** What the user typed for an argument, as text of a formula and, unless it refers to cells, as a value. */
function spell(argument, typed) {
  const text = typed.trim();
  if (!text) return { text, value: null };
  if (isChoice(argument, text)) return { text: quoted(text), value: text };
  if (text.startsWith("=")) return { text: text.slice(1) };
  if (REFERENCE.test(text)) return { text };
  if (!argument.text && Number.isFinite(Number(text))) return { text, value: Number(text) };
  return { text: quoted(text), value: text };
}

/** A text as a formula has it. */
const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

/** Whether the argument takes this very text: H100 is a chip, though it could be a cell. */
function isChoice({ choices }, text) {
  const aliases = (help[choices] ?? []).flatMap((row) => (row.aliases ?? "").split(";")); // of chips and models
  return [...(help.choices[choices] ?? []), ...aliases].some((each) => each.toLowerCase() === text.toLowerCase());
}

/** Put a formula into the cell, or with an apostrophe before it a text, whatever it looks like. */
async function write(text) {
  try {
    await Excel.run(async (context) => {
      context.workbook.getActiveCell().formulas = [[text]];
      await context.sync();
    });
    say(`Inserted ${text.length > 60 ? "the formula" : text}`);
  } catch (error) {
    say(`Excel did not take it: ${error.message}`);
  }
}

// ---- why

const MOST_REASONS = 20;

function showWhy() {
  const said = make("div", { className: "result", ariaLive: "polite" });
  const ask = make("button", { className: "action first", onclick: () => explainCell(said) }, "Explain the selected cell");
  content.replaceChildren(make("div", { className: "detail" },
    make("p", {}, "What an error means, or what a result is made of and what would change it most."),
    make("div", { className: "actions" }, ask), said));
}

async function explainCell(said) {
  try {
    const reasons = await Excel.run(explainActiveCell);
    said.replaceChildren(...reasons.map((reason) => make("p", {}, reason)));
  } catch (error) {
    said.replaceChildren(make("p", { className: "wrong" }, error.message));
  }
}

async function explainActiveCell(context) {
  const cell = context.workbook.getActiveCell();
  cell.load("formulas,address");
  await context.sync();
  const [[formula]] = cell.formulas;
  const [, name, given] = new RegExp(`^=\\s*${help.namespace}\\.(\\w+)\\((.*)\\)\\s*$`, "is").exec(formula) ?? [];
  if (!name) throw new Error(`Select a cell whose whole formula is one function, =${help.namespace}.…; here is ${formula || "a blank"}`);
  const texts = split(given);
  const ranges = texts.map((text) => (REFERENCE.test(text) && !text.endsWith("#") ? rangeAt(context, text) : null));
  for (const range of ranges) range?.load("values");
  await context.sync();
  const values = texts.map((text, index) => ranges[index]?.values ?? literal(text));
  const rows = await Tokensheet.call("WHY", [name.toUpperCase(), ...values]);
  const reasons = [...new Set(rows.flat())];
  const more = reasons.length - MOST_REASONS;
  return more > 0 ? [...reasons.slice(0, MOST_REASONS), `… and ${more} more`] : reasons;
}

/** A formula's arguments: split at commas outside of texts and brackets. */
function split(text) {
  if (!text.trim()) return [];
  const parts = [""];
  let depth = 0;
  for (const piece of text.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"']/gs) ?? []) {
    if ("([{".includes(piece)) depth++;
    else if (")]}".includes(piece)) depth--;
    if (piece === "," && !depth) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts.map((part) => part.trim());
}

/** The value of an argument that stands in the formula itself. */
function literal(text) {
  if (!text) return null;
  if (/^"(?:[^"]|"")*"$/.test(text)) return text.slice(1, -1).replaceAll('""', '"');
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (Number.isFinite(Number(text))) return Number(text);
  throw new Error(`${text} is computed by Excel alone: put it into a cell of its own, or ask =${help.namespace}.WHY(…)`);
}

function rangeAt(context, reference) {
  const place = reference.lastIndexOf("!");
  const { worksheets } = context.workbook;
  if (place < 0) return worksheets.getActiveWorksheet().getRange(reference);
  const sheet = reference.slice(0, place).replace(/^'|'$/g, "").replaceAll("''", "'");
  return worksheets.getItem(sheet).getRange(reference.slice(place + 1));
}

// ---- chips and models

const chipFacts = (row) => [row.vendor, `${number(row.hbm_bytes)}B`, `${number(row.hbm_bandwidth)}B/s`,
  row.usd_per_hour && `$${row.usd_per_hour}/h`];
const billions = (value) => number(value).replace("G", "B");
const modelFacts = (row) => [row.vendor, row.release, `${billions(row.total_params)} parameters`,
  row.active_params === row.total_params ? "" : `${billions(row.active_params)} active`];

function showCatalogue(kind, rows, facts) {
  const found = rows.filter((row) => matches(row.name, row.aliases, row.vendor));
  list(found.map((row) => make("button", { className: "entry", onclick: () => showRow(kind, row) },
    make("span", { className: "name plain" }, row.name,
      row.unverified ? make("span", { className: "unit flag", title: row.unverified }, "unverified") : ""),
    make("p", {}, facts(row).filter(Boolean).join(" · ")))));
}

function showRow(kind, row) {
  const facts = Object.entries(row).filter(([field, value]) => field !== "name" && value !== null && value !== "");
  detail(make("h2", {}, row.name),
    make("div", { className: "actions" },
      make("button", { className: "action first", onclick: () => write(`'${row.name}`) }, `Insert the ${kind}'s name`)),
    make("p", { className: "hint" }, "Click a field to insert its formula."),
    make("dl", { className: "facts" }, ...facts.flatMap(([field, value]) => {
      const shown = number(value);
      const look = `${shown.length > 20 ? "long" : "number"}${field === "unverified" ? " flag" : ""}`;
      const formula = `=${help.namespace}.${kind.toUpperCase()}(${quoted(row.name)}, ${quoted(field)})`;
      const button = make("button", { className: "field", title: formula, onclick: () => write(formula) }, field);
      return [make("dt", {}, button), make("dd", { className: look }, shown)];
    })));
}

// ---- workbooks

function showWorkbooks() {
  content.replaceChildren(...help.templates.map(({ name, summary }) => {
    const spelling = make("select", { ariaLabel: "How formulas are spelled", onchange: update },
      ...help.spellings.map((value) => make("option", { value, textContent: SPELLINGS[value] })));
    spelling.hidden = help.spellings.length < 2;
    const download = make("a", { className: "action", download: `${name}.xlsx` }, "Download");
    const button = make("button", { className: "action first", onclick: () => openWorkbook(download.href) },
      "Open in Excel");
    function update() {
      download.href = `workbooks/${encodeURIComponent(name)}.xlsx?${new URLSearchParams({ functions: spelling.value,
        ...(Tokensheet.token && { token: Tokensheet.token }) })}`;
    }
    update();
    const title = name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());
    return make("div", { className: "card" }, make("h2", {}, title),
      make("p", {}, summary.replaceAll("`", "")), spelling, make("div", { className: "actions" }, button, download));
  }));
}

async function openWorkbook(address) {
  say("Writing the workbook …");
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(await response.text());
    const bytes = new Uint8Array(await response.arrayBuffer());
    await Excel.createWorkbook(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    say("Opened in a new window.");
  } catch (error) {
    say(`Could not open it: ${error.message}`);
  }
}

// ---- start

Office.onReady(async () => {
  // so that the functions of a workbook compute when it opens, before anybody opens this pane
  Office.addin?.setStartupBehavior(Office.StartupBehavior.load);
  try {
    help = await Tokensheet.ask("help.json");
  } catch (error) {
    const problem = document.getElementById("problem");
    [problem.textContent, problem.hidden] = [error.message, false];
    return;
  }
  for (const [id, texts] of Object.entries(help.choices)) {
    document.body.append(make("datalist", { id }, ...texts.map((value) => make("option", { value }))));
  }
  search.oninput = show;
  show();
});
