// WHY: a cell's error, or how its result comes about, in words, as explanation.py does it.

function why(name, ...args) {
  const wanted = [name].flat(2)[0];
  if (ERRORS.includes(wanted)) return [[new CellError(wanted, `the name is the error ${wanted} already`)]];
  const function_ = String(wanted).toUpperCase();
  const described = FUNCTIONS[function_];
  if (!described || function_ === "WHY") return [[new CellError("#N/A", `no function is called ${quoted(String(wanted))}`)]];
  const blocks = args.map((arg, place) => {
    const parameter = described.parameters[place];
    return parameter ? ownRows(matrix(arg), parameter) : [[null]];
  });
  return call(function_, args).map((line, row) =>
    line.map((value, column) => {
      if (value instanceof CellError) return value.reason;
      const cells = described.parameters.map((parameter, place) =>
        read(parameter, place < blocks.length ? cellAt(blocks[place], row, column, parameter) : null),
      );
      return described.chain ? sentence(explanation(described, cells)) : shownWithFormula(described, value, cells);
    }),
  );
}

function shownWithFormula({ unit, formula, parameters }, value, cells) {
  const shown = typeof value === "number" ? `${general(value, 11)}${unit ? ` ${unit}` : ""}` : inWords(value);
  const given = Object.fromEntries(parameters.map(({ name }, place) => [name, cells[place]]));
  const rules = Object.fromEntries(parameters.map(({ name, rule }) => [name, rule]));
  return [formula ? `${shown} = ${formula}` : shown, ...unlikely(given, rules)].join("; ");
}

const inWords = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));
/** Four digits, whole numbers up to a million in full. */
const brief = (value) => (Number.isInteger(value) && Math.abs(value) < 1e6 ? whole(value) : general(value, 4));
/** A label as it stands within a sentence. */
const within = (label) => (/^\p{Lu}{2}/u.test(label) ? label : label[0].toLowerCase() + label.slice(1));
const percent = (share) => `${fixed(100 * share, 0)}%`;
const signed = (share) => `${share < 0 ? "-" : "+"}${fixed(Math.abs(share), 2)}`;

/** Why a chain gives its answer to single cells, as explain() of the core says it; its error where it gives none. */
export function explain(name, args) {
  const [[value]] = call(name, args);
  if (value instanceof CellError) return value;
  return explanation(FUNCTIONS[name], FUNCTIONS[name].parameters.map((parameter, place) => read(parameter, args[place])));
}

function explanation(described, cells) {
  const given = Object.fromEntries(described.parameters.map((parameter, place) => [parameter.name, cells[place]]));
  const asked = ask(described, given);
  asked.answer();
  const { chain, key } = asked;
  const quantities = order(chain, [key]);
  const shares = elasticities(asked, quantities);
  const [, unit] = chain.terms[key];
  const parts = firstTimes(chain, quantities)
    .filter((each) => each !== key && shares[each] > SMALL)
    .sort((one, other) => shares[other] - shares[one]);
  const levers = inputs(chain, [key])
    .sort((one, other) => Math.abs(shares[other] ?? 0) - Math.abs(shares[one] ?? 0))
    .slice(0, 5)
    .filter((each) => Math.abs(shares[each] ?? 0) > SMALL);
  const binds = "binds" in chain.quantities ? asked.evaluate(["binds"]).get("binds") : "";
  const term = (each) => ({ key: each, label: chain.terms[each][0], value: asked.get(each), share: shares[each] });
  const values = Object.fromEntries(Object.keys(chain.slots).map((each) => [each, asked.get(each)]));
  return { value: asked.get(key), unit, parts: parts.map(term), levers: levers.map(term), binds, notes: notes(asked), values };
}

/** The explanation in the length of a cell. */
function sentence({ value, unit, parts, levers, binds, notes }) {
  const made = parts.slice(0, 5).filter((each) => each.share >= 0.005);
  const names = made.map((each) => `${within(each.label)} ${percent(each.share)}`).join(", ");
  return [
    `${brief(value)}${unit ? ` ${unit}` : ""}${names ? ` = ${names}` : ""}`,
    binds && `the roofline is bound by ${binds}`,
    ...notes,
    levers.length &&
      `one per cent more of these changes it by so many per cent: ${levers.map((each) => `${each.key} ${signed(each.share)}`).join(", ")}`,
  ].filter(Boolean).join("; ");
}

/** Of the answer to each quantity and input, backwards from the answer: the shares of its shares. */
function elasticities(asked, quantities) {
  const found = { [asked.key]: 1 };
  for (const quantity of [...quantities].reverse()) {
    for (const name of new Set(quantity.inputs)) {
      const share = found[quantity.key] ? found[quantity.key] * elasticity(asked, quantity, name) : 0;
      found[name] = (found[name] ?? 0) + share;
    }
  }
  return found;
}

/** By how many per cent the quantity changes when its input does by one. */
function elasticity({ chain, values }, { slot, of }, name) {
  const [here, input] = [values[slot], values[chain.slots[name]]];
  if (typeof here === "string" || !here || !input) return 0;
  const slopes = [STEP, -STEP].map((change) => {
    const moved = [...values];
    moved[chain.slots[name]] = input * (1 + change);
    return (Number(of(moved)) / Number(here) - 1) / change;
  });
  return Math.abs(slopes[0]) <= Math.abs(slopes[1]) ? slopes[0] : slopes[1]; // where a rule jumps, the side that does not
}

/** The times that rest on no other times: given ones too that do not go into one of these. */
function firstTimes(chain, quantities) {
  const found = new Set();
  const behind = new Set();
  const isTime = (key) => chain.terms[key][1] === "s";
  for (const { key, inputs: own } of quantities) {
    const rests = own.some((each) => behind.has(each));
    if (rests) own.filter((each) => !(each in chain.quantities) && isTime(each)).forEach((each) => found.add(each));
    else if (isTime(key)) found.add(key);
    if (isTime(key) || rests) behind.add(key);
  }
  return [...found];
}

/** What is unlikely among numbers by name, as plausible.py says it. */
function unlikely(given, rules) {
  const numbers = Object.entries(given).filter(([, value]) => typeof value === "number");
  const found = numbers.map(([name, value]) => unlikelyNumber(name, value, USUAL[rules[name]])).filter(Boolean);
  for (const [part, whole] of AT_MOST) {
    if (typeof given[part] !== "number" || typeof given[whole] !== "number" || !isMore(given[part], given[whole])) continue;
    found.push(`${part} ${general(given[part], 6)} is more than ${whole} ${general(given[whole], 6)}, which it is a part of`);
  }
  return found;
}

function unlikelyNumber(name, value, rule) {
  if (!rule) return "";
  const { least, most, unit, hint, whole } = rule;
  if (isOutside(value, least, most)) {
    const usual = `${value < least ? "below" : "above"} the usual ${general(least, 6)} to ${general(most, 6)} ${unit}`;
    return `${name} ${general(value, 6)} is ${usual}: ${hint}`;
  }
  return whole && value % 1 ? `${name} ${general(value, 6)} is no whole number: ${hint}` : "";
}

/** What the reader should know besides: constants of one's own, the rents' day, what was never measured or is unlikely. */
function notes({ chain, key, chip, model, values }) {
  const asked = inputs(chain, [key]);
  const found = [];
  const own = OWN_CONSTANTS.filter((name) => asked.includes(name === "slowdown" ? "software" : name));
  if (own.length) found.push(`with constants of your own: ${own.join(", ")}`);
  if (AS_OF && asked.includes("usd_per_hour")) found.push(`with the rent that was known on ${AS_OF}`);
  if (asked.includes("layer_latency") || asked.includes("bandwidth_efficiency")) {
    const rows = Object.entries({ chip, model }).filter(([kind, row]) => !SEEN[kind].includes(row.name));
    const guess = `, and without any chip of ${chip.vendor || "its vendor"}: little more than a guess`;
    const unknown = rows.map(([, row]) => row.name).join(" and ");
    if (unknown) found.push(`the estimate was fitted without ${unknown}${chip.vendor in BANDS ? "" : guess}`);
  }
  const given = Object.fromEntries(asked.map((each) => [each, values[chain.slots[each]]]));
  return [...found, ...unlikely(given, chain.rules)];
}
