// Functions over names: a chain asked about rows of the catalogue, as over_names.py does it; what a chain needs of a row
// is decided as numbers.py does, and a row of one's own is read as own_catalogue.py does. Tests hold them together.

/** What there is to choose from, for pages that list it. */
export const catalogue = { chips: CHIPS, models: MODELS, rents: RENTS, formats: Object.keys(FORMATS), bases: BASES };
/** The parameters of a function in order, each with its name and, where it may be left out, its default. */
export const parameters = (name) => FUNCTIONS[name].parameters;

class OwnRow {} // a chip or a model of the user's own, given where a name is wanted

/** A range given for a name that has numbers in it: each of its rows is a chip or model of the user's own. */
function ownRows(block, parameter) {
  if (!parameter.kind || (block.length === 1 && block[0].length === 1)) return block;
  if (!block.some((row) => row.some(isNumber))) return block;
  return block.map((cells) => [ownRow(cells, parameter.kind)]);
}

function ownRow(cells, kind) {
  const noun = kind.slice(0, -1);
  const row = new OwnRow();
  for (const column of ROW[kind]) row[column] = null;
  try {
    ROW[kind].forEach((column, place) => {
      const cell = cells[place];
      if (column === "name") row.name = isBlank(cell) || cell === 0 || cell === false ? `your ${noun}` : String(cell);
      else if (!isBlank(cell)) row[column] = valueOf(cell, column, `the ${noun}'s row, column ${column}`);
    });
    if (REQUIRED[kind].some((column) => row[column] === null)) {
      const lacking = REQUIRED[kind].filter((column) => row[column] === null).join(", ");
      throw new Unknown(`the ${noun}'s row needs ${lacking}; its cells are ${ROW[kind].join(", ")}`);
    }
    return row;
  } catch (error) {
    if (error instanceof Unknown) return new CellError("#VALUE!", error.message);
    throw error;
  }
}

function valueOf(cell, column, place) {
  if (TEXT.includes(column)) return String(cell);
  const text = typeof cell === "string" ? cell.trim() : cell;
  const written = isNumber(cell) || (text !== "" && typeof text === "string") ? Number(text) : NaN;
  const number = Number.isNaN(written) && typeof text === "string" ? (numberOf(text) ?? NaN) : written;
  if (Number.isNaN(number)) throw new Unknown(`${place}: ${quoted(String(cell))} is not a number`);
  if (!(number >= 0 && number < Infinity)) throw new Unknown(`${place}: ${general(number, 6)} is not a number from 0`);
  if (number === 0 && ABOVE_0.includes(column)) throw new Unknown(`${place}: is 0; leave it blank if it is not known`);
  return number;
}

const plainName = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Every name and alias without case, spaces and punctuation, with the row that it stands for. */
function index(rows) {
  const known = new Map(rows.map((row) => [plainName(row.name), row]));
  for (const row of rows) {
    for (const alias of (row.aliases ?? "").split(";").map(plainName)) if (alias) known.set(alias, row);
  }
  return known;
}

const KNOWN = { chip: index(CHIPS), model: index(MODELS) };

function find(kind, name) {
  if (name instanceof OwnRow) return name;
  const row = KNOWN[kind].get(plainName(name));
  if (row) return row;
  const pairs = (text) => new Set([...text].slice(1).map((letter, place) => text[place] + letter));
  const asked = pairs(plainName(name));
  const shared = (other) => [...pairs(other)].filter((pair) => asked.has(pair)).length / (asked.size + other.length);
  const close = [...KNOWN[kind].keys()].sort((one, other) => shared(other) - shared(one)).slice(0, 5);
  const names = [...new Set(close.map((each) => KNOWN[kind].get(each).name))].join(", ");
  throw new Unnamed(`no ${kind} is called ${quoted(name).slice(0, QUOTED)}; closest: ${names}`);
}

function field(row, column) {
  if (!(column in row)) {
    throw new Unnamed(`no column is called ${quoted(column)}; there are: ${Object.keys(row).join(", ")}`);
  }
  if (row[column] === null) throw new Unnamed(`${row.name} has no ${column} in the catalogue`);
  return row[column];
}

/** What a chain needs of a chip's row; null for what nobody knows. */
function numbersOfChip(row, precision, basis) {
  const rate = FORMATS[precision].rate;
  return {
    chip_flops: row[rate] || row.bf16_flops,
    chip_bf16_flops: row.bf16_flops,
    chip_bandwidth: row.hbm_bandwidth,
    hbm: row.hbm_bytes,
    link_bandwidth: row.scale_up_bandwidth || PCIE,
    domain: row.scale_up_chips || DEFAULTS.node,
    scale_out_bandwidth: row.scale_out_bandwidth || NIC,
    software: (SLOWDOWNS[row.vendor] ?? 1) * OWN_SLOWDOWN,
    usd_per_hour: rentOf(row, basis),
    power_w: row.power_w ?? null,
  };
}

/** A rent of the row itself holds for every basis. */
const rentOf = (row, basis) => (row instanceof OwnRow ? row.usd_per_hour : RENTS[row.name]?.[basis]?.usd_per_hour ?? null);

/** What a chain needs of a model's row; with MLA all heads share one cache, a dense model is one expert. */
function numbersOfModel(row) {
  const mla = Boolean(row.kv_lora_rank);
  const width = ((row.nope_head_dim || 0) + (row.rope_head_dim || 0) + (row.v_head_dim || 0)) / 2;
  const absorbed = (2 * (row.kv_lora_rank || 0) + (row.rope_head_dim || 0)) / 2;
  const apart = (row.experts || 1) > 1 && !row.tied_embeddings;
  return {
    total_params: row.total_params,
    active_params: row.active_params,
    total_experts: row.experts || 1,
    active_experts: row.active_experts || 1,
    embedding_params: apart ? (row.vocab || 0) * (row.hidden || 0) : 0,
    kv_bytes_per_token: row.kv_bytes_per_token,
    kv_bytes_per_token_window: row.kv_bytes_per_token_window || 0,
    window: row.window || 0,
    state_bytes: row.state_bytes || 0,
    index_bytes: row.index_bytes || 0,
    sparse_tokens: row.sparse_tokens || 0,
    layers: row.layers || null,
    full_attention_layers: row.full_attention_layers || null,
    moe_layers: row.moe_layers || 0,
    hidden: row.hidden || null,
    heads: row.heads || null,
    head_dim: (mla && width ? width : row.head_dim) || null,
    decode_head_dim: (mla ? absorbed : row.head_dim) || null,
    extra_layers: 2 * (row.sparse_tokens ? row.full_attention_layers || 0 : 0) + 0.5 * (row.linear_layers || 0),
    acceptance: row.acceptance || 0,
    kv_heads: mla ? 1 : row.kv_heads || null,
  };
}

function numbersOfFormats(precision, kvPrecision, experts) {
  const weights = FORMATS[precision];
  const kept = kvPrecision || (precision === "bf16" ? "bf16" : "fp8");
  return {
    bytes: weights.bytes,
    dense_bytes: experts > 1 ? weights.dense_bytes : weights.bytes,
    kv_width: KV_FORMATS[kept],
  };
}

/** The ends of the estimate's bands: the wider, the less of chip and model the fit has seen. */
function numbersOfBand(chip, model) {
  const unseen = !SEEN.chip.includes(chip.name) + !SEEN.model.includes(model.name);
  return (BANDS[chip.vendor] ?? BANDS[""])[unseen];
}

/** The text of a choice that is given, in whatever case. */
function oneOf(name, given, texts) {
  const text = typeof given === "string" ? given.toLowerCase() : given;
  if (texts.includes(text)) return text;
  throw new Unknown(`${name} must be ${texts.filter(Boolean).join(", ")}, not ${quoted(String(given))}`);
}

/** A chain with measurements of one's own in the place of what it estimates. */
const MEASURED = new Map();
function measuredBy(name, measured) {
  const key = [name, ...measured].join();
  if (!MEASURED.has(key)) {
    const quantities = measured.flatMap((each) => Object.entries(CHAINS[name].measured[each]));
    MEASURED.set(key, { ...CHAINS[name], quantities: { ...CHAINS[name].quantities, ...Object.fromEntries(quantities) } });
  }
  return MEASURED.get(key);
}

/** The question that a call of a function puts to its chain; what is left out are the catalogue's numbers. */
function ask(described, given) {
  const precision = oneOf("precision", given.precision, Object.keys(FORMATS));
  const kvPrecision = oneOf("kv_precision", given.kv_precision ?? "", ["", ...Object.keys(KV_FORMATS)]);
  const estimate = oneOf("estimate", given.estimate ?? "calibrated", Object.keys(ENDS));
  const basis = oneOf("price_basis", given.price_basis ?? BASIS, BASES);
  const [chip, model] = [find("chip", given.chip), find("model", given.model)];
  const values = { ...DEFAULTS, ...numbersOfChip(chip, precision, basis), ...numbersOfModel(model) };
  Object.assign(values, numbersOfFormats(precision, kvPrecision, values.total_experts), numbersOfBand(chip, model));
  const isGiven = (name) => given[name] !== null && given[name] !== undefined;
  if (isGiven("draft_tokens") && !values.acceptance && !isGiven("acceptance")) {
    throw new Unknown(`how many drafted tokens ${model.name} accepts is not in the catalogue: give acceptance`);
  }
  const measured = Object.keys(CHAINS[described.chain].measured).filter(isGiven);
  for (const end of measured.length ? BAND_ENDS : []) values[end] = 1; // which is as sure as you are
  const chain = measuredBy(described.chain, measured);
  const asked = new Asked(chain, ENDS[estimate] + described.kind, values, model, chip, basis);
  for (const [name, key] of keysOf(described)) if (isGiven(name)) asked.set(key, given[name]);
  for (const [key, same] of Object.entries(described.same)) asked.set(key, typeof same === "string" ? given[same] : same);
  return asked;
}

/** The arguments of a function that are numbers, each with the key that it is given to the chain by. */
function keysOf({ parameters, chain }) {
  const { quantities } = CHAINS[chain];
  const names = parameters.filter((each) => !each.text).map((each) => each.name);
  return names.map((name) => [name, name in OWN && name in quantities ? OWN[name] : name]);
}

/** The function of what is given; what the names say is looked up once for each question. */
function answering(described) {
  const keys = keysOf(described);
  const same = Object.entries(described.same).filter(([, each]) => typeof each === "string");
  const texts = described.parameters.filter((each) => each.text).map((each) => each.name);
  const questions = new Map();
  return (given) => {
    let questionsOf = questions; // by each text, or row of one's own, in turn, and by what is given of the numbers
    for (const name of texts) {
      if (!questionsOf.has(given[name])) questionsOf.set(given[name], new Map());
      questionsOf = questionsOf.get(given[name]);
    }
    let numbers = "";
    for (const [name] of keys) numbers += given[name] === null ? 0 : 1;
    let asked = questionsOf.get(numbers);
    if (!asked) {
      asked = ask(described, given);
      asked.needed();
      questionsOf.set(numbers, asked);
    }
    for (const [name, key] of keys) if (given[name] !== null) asked.set(key, given[name]);
    for (const [key, name] of same) asked.set(key, given[name]);
    return asked.answer();
  };
}

/** A question to a chain. The values stand in slots, as the quantities find them: names would take ten times as long. */
class Asked {
  constructor(chain, key, values, model, chip, basis) {
    Object.assign(this, { chain, key, model, chip, basis });
    this.values = Object.keys(chain.slots).map((each) => values[each] ?? null);
    this.guarded = SHORTAGE.filter((each) => each in chain.quantities);
    this.plan = order(chain, [key, ...this.guarded]);
  }

  /** A number; what the chain has no place for is not asked. */
  set(key, value) {
    if (key in this.chain.slots) this.values[this.chain.slots[key]] = value;
  }

  get(key) {
    return this.values[this.chain.slots[key]];
  }

  /** A further question, with other numbers. */
  with(numbers) {
    const other = Object.assign(Object.create(Asked.prototype), this, { values: [...this.values] });
    for (const [key, value] of Object.entries(numbers)) other.set(key, value);
    return other;
  }

  /** Compute the quantities that give the keys, without those that are `known`. */
  evaluate(keys, known = []) {
    return this.follow(order(this.chain, keys, known));
  }

  follow(quantities) {
    const { values } = this;
    for (const { slot, of } of quantities) values[slot] = of(values);
    return this;
  }

  /** The value of the key; an error says what is not known, or that model and cache do not fit. */
  answer() {
    this.follow(this.plan);
    if (this.guarded.length && !this.get("fits")) throw new Unknown(this.shortage());
    return this.get(this.key);
  }

  needed() {
    const blank = inputs(this.chain, [this.key, ...this.guarded]).filter((key) => this.get(key) === null);
    if (!blank.length) return;
    const { chip, model, basis } = this;
    if (blank.includes("usd_per_hour")) throw new Unnamed(noRent(chip, basis));
    if (blank.includes("power_w")) throw new Unnamed(`${chip.name} has no power_w in the catalogue`);
    const columns = blank.filter((key) => key in model);
    const names = (columns.length ? columns : blank).join(", ");
    throw new Unknown(`${model.name} has no ${names}, without which there is only estimate="ideal"`);
  }

  shortage() {
    const { model, chip } = this;
    const headroom = this.get("headroom");
    const free = headroom ? `, of which ${fixed(100 * headroom, 0)}% stay free` : "";
    return (
      `${model.name} does not fit: ${whole(this.get("weights_bytes") / 1e9)} GB of weights and ` +
      `${whole(this.get("kv_bytes") / 1e9)} GB of KV cache, ${general(this.get("chips"), 6)} x ${chip.name} have ` +
      `${whole((this.get("chips") * chip.hbm_bytes) / 1e9)} GB${free}`
    );
  }
}

function noRent(chip, basis) {
  if (chip instanceof OwnRow) return `${chip.name} has no usd_per_hour in its row`;
  const known = Object.keys(RENTS[chip.name] ?? {}).filter((each) => each !== basis);
  const wayOut = known.length ? `it has one for ${known.join(", ")}` : "it has none; give usd_per_hour";
  return `${chip.name} has no rent for the price basis ${quoted(basis)} in the catalogue: ${wayOut}`;
}

const ORDERS = new WeakMap(); // of a chain: what gives which keys, in the order in which it is computed

/** The quantities that give the keys, in order, without what only those that are `known` need. */
function order(chain, keys, known = []) {
  if (!ORDERS.has(chain)) ORDERS.set(chain, new Map());
  const orders = ORDERS.get(chain);
  const question = `${keys}|${known}`;
  if (!orders.has(question)) {
    const wanted = new Set(keys);
    const found = Object.keys(chain.quantities).reverse().filter((key) => {
      if (!wanted.has(key) || known.includes(key)) return false;
      chain.quantities[key].inputs.forEach((each) => wanted.add(each));
      return true;
    });
    const quantities = found.reverse().map((key) => ({ key, slot: chain.slots[key], ...chain.quantities[key] }));
    orders.set(question, quantities);
  }
  return orders.get(question);
}

/** The keys that have to be given: inputs that no quantity is. */
function inputs(chain, keys) {
  const named = order(chain, keys).flatMap((each) => each.inputs);
  return [...new Set(named)].filter((key) => !(key in chain.quantities));
}
