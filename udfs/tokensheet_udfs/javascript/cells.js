// From what a spreadsheet passes to numbers, and back, as convert.py does it: an argument is a value or rows of values,
// with null, undefined or "" for a blank cell and an error's text ("#N/A") for an error cell.

export class CellError {
  constructor(code, reason) {
    this.code = code;
    this.reason = reason;
  }
}

class Unknown extends Error {} // what has no answer: #N/A
class Unnamed extends Unknown {} // since the catalogue does not have the name or the number
class OutsideDomain extends Error {} // #NUM!

// No two parts of it take the same signs, or a text of so many digits or blanks and an x would take their square
const NUMBER = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)[ \t\n\r\f\v]*([%kmbgtp]?)$/i;
const SPACE = " \t\n\r\f\v";

const isBlank = (cell) => cell === null || cell === undefined || cell === "";
const isNumber = (cell) => typeof cell === "number" || typeof cell === "boolean";

/** The function of what a spreadsheet passes: rows of values, in which a cell that has none holds a CellError. */
export function call(name, args) {
  const described = FUNCTIONS[name];
  if (!described) return [[new CellError("#VALUE!", `there is no function ${name}`)]];
  const miscount = miscounted(name, described, args);
  if (miscount) return [[miscount]];
  if (name === "WHY") return why(...args);
  const { parameters, equation } = described;
  const matrices = parameters.map((parameter, place) => matrix(args[place], parameter));
  const unfit = matrices.find((block) => block instanceof CellError);
  if (unfit) return [[unfit]];
  const blocks = matrices.map((block, place) => ownRows(block, parameters[place]));
  const rows = Math.max(...blocks.map((block) => block.length));
  const columns = Math.max(...blocks.map((block) => block[0].length));
  if (rows * columns > MOST_CELLS) return [[tooMany(rows, columns)]];
  const one = equation ? asNumber : read;
  const single = (place) => blocks[place].length === 1 && blocks[place][0].length === 1;
  // What is one cell for all is read once; the others in order, so that of two errors the first argument's shows
  const values = blocks.map(([[cell]], place) => (single(place) ? one(parameters[place], cell) : null));
  const failing = values.findIndex((value) => value instanceof CellError);
  const moving = blocks.map((_, place) => place).filter((place) => !single(place) && (failing < 0 || place < failing));
  const answer = equation ? byEquation(described) : byNames(name, described);
  const found = new Array(rows);
  for (let row = 0; row < rows; row++) {
    const line = (found[row] = new Array(columns));
    for (let column = 0; column < columns; column++) {
      let wrong = failing < 0 ? null : values[failing];
      for (const place of moving) {
        const value = one(parameters[place], cellAt(blocks[place], row, column, parameters[place]));
        if (value instanceof CellError) {
          wrong = value;
          break;
        }
        values[place] = value;
      }
      line[column] = wrong ?? answer(values);
    }
  }
  return found;
}

function miscounted(name, { parameters }, args) {
  const rest = parameters.some((each) => each.rest);
  if (args.length > parameters.length && !rest) {
    return new CellError("#VALUE!", `${name} takes at most ${parameters.length} arguments, not ${args.length}`);
  }
  const missing = parameters.slice(args.length).filter((each) => each.required).map((each) => each.name);
  return missing.length ? new CellError("#VALUE!", `${name} needs ${missing.join(", ")} too`) : null;
}

/** The argument as rows of cells of the same length, or the error that says that it is none. */
function matrix(arg, parameter) {
  if (!Array.isArray(arg)) return [[arg]];
  const rows = Array.isArray(arg[0]) ? arg : [arg];
  const wide = rows[0].length;
  if (!wide || rows.some((row) => !Array.isArray(row) || row.length !== wide)) {
    return new CellError("#VALUE!", `${parameter.name} is not rows of cells of the same length`);
  }
  return rows.length * wide > MOST_CELLS ? tooMany(rows.length, wide) : rows;
}

const tooMany = (rows, columns) =>
  new CellError("#VALUE!", `${rows} x ${columns} cells are more than the ${whole(MOST_CELLS)} that one call may have`);

/** A single row or column serves all; what is too short otherwise lacks a value there, #N/A as in Excel. */
function cellAt(block, row, column, parameter) {
  const [high, wide] = [block.length, block[0].length];
  if ((high > 1 && row >= high) || (wide > 1 && column >= wide)) {
    return new CellError("#N/A", `${parameter.name} has ${high} x ${wide} cells, another range is larger`);
  }
  return block[high > 1 ? row : 0][wide > 1 ? column : 0];
}

/** What a cell stands for where a number is wanted; a number, or the error that it is. */
function oneNumber(parameter, cell) {
  if (typeof cell === "number" && Number.isFinite(cell)) return cell;
  if (typeof cell === "boolean") return Number(cell);
  if (isBlank(cell)) {
    return parameter.required
      ? new CellError("#VALUE!", `${parameter.name} is blank and has no default`)
      : parameter.default;
  }
  if (cell instanceof CellError) return cell;
  if (typeof cell === "string") {
    if (ERRORS.includes(cell)) return new CellError(cell, `${parameter.name} is the error ${cell} already`);
    if (cell.length > LONGEST) return tooLong(parameter, cell);
    const value = numberOf(cell);
    if (value === null) {
      const examples = '"70B", "3.35T", "32k" or "40%" would be';
      return new CellError("#VALUE!", `${parameter.name}: "${shortened(cell)}" is not a number; ${examples}`);
    }
    return oneNumber(parameter, value);
  }
  if (typeof cell === "number") return new CellError("#NUM!", `${parameter.name} is not a finite number`);
  return new CellError("#VALUE!", `${parameter.name} is no number`);
}

const shortened = (text) => (text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text);
const tooLong = ({ name }, text) =>
  new CellError("#VALUE!", `${name} has ${whole(text.length)} characters, a cell holds ${whole(LONGEST)}`);

/** The number that a text such as "70B", "32k" or "40%" stands for; null if none. */
function numberOf(text) {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.includes(text[start])) start++;
  while (end > start && SPACE.includes(text[end - 1])) end--;
  const match = NUMBER.exec(text.slice(start, end));
  if (!match) return null;
  return match[2] === "%" ? Number(match[1]) / 100 : Number(match[1]) * SUFFIXES[match[2].toLowerCase()];
}

/** A cell as the number that an equation takes, or the error that it is or makes. */
function asNumber(parameter, cell) {
  const value = typeof cell === "number" && cell - cell === 0 ? cell : oneNumber(parameter, cell);
  return value instanceof CellError || !parameter.holds || parameter.holds(value) ? value : refusal(parameter, value);
}

// A call with so many arguments; spread and apply take ten times as long
const APPLY = [
  (f) => f(),
  (f, a) => f(a[0]),
  (f, a) => f(a[0], a[1]),
  (f, a) => f(a[0], a[1], a[2]),
  (f, a) => f(a[0], a[1], a[2], a[3]),
  (f, a) => f(a[0], a[1], a[2], a[3], a[4]),
  (f, a) => f(a[0], a[1], a[2], a[3], a[4], a[5]),
];

function byEquation({ parameters, equation, undefined: reason }) {
  const apply = APPLY[parameters.length] ?? ((f, a) => f(...a));
  return (values) => {
    const result = apply(equation, values);
    return typeof result !== "number" || result - result === 0 ? result : new CellError("#NUM!", reason);
  };
}

function refusal(parameter, value) {
  const reason = `${parameter.name} must be ${parameter.domain}, not ${general(value, 15)}`;
  return value === 0 && parameter.divides
    ? new CellError("#DIV/0!", `${reason}: a division by zero`)
    : new CellError("#NUM!", reason);
}

/** A function over names: by its chain, or by the search or look-up of its name. */
function byNames(name, described) {
  const { parameters, python, chain } = described;
  const answer = chain ? answering(described) : LOOK_UPS[name];
  return (values) => {
    try {
      if (!answer) throw new Unknown(`${name} looks things up in Python; only an add-in with Python has it`);
      const given = {};
      for (let place = 0; place < parameters.length; place++) {
        given[parameters[place].name] = values[place];
      }
      const result = answer(given);
      if (typeof result !== "number" || Number.isFinite(result)) return result;
      throw new OutsideDomain(`${python}: the result is too large to compute`);
    } catch (error) {
      if (error instanceof Unknown) return new CellError("#N/A", error.message);
      if (error instanceof OutsideDomain) return new CellError("#NUM!", error.message);
      throw error;
    }
  };
}

/** A cell as the value of an argument, or the error that it is or makes. */
function read(parameter, cell) {
  if (isBlank(cell) && !parameter.required) return parameter.default;
  if (cell instanceof OwnRow) return cell;
  if (!parameter.text) return asNumber(parameter, cell);
  if (typeof cell === "string" && cell !== "" && !ERRORS.includes(cell)) {
    return cell.length > LONGEST ? tooLong(parameter, cell) : cell;
  }
  const value = oneNumber(parameter, cell);
  return typeof value === "number" ? general(value, 15) : value; // as Excel gives a number where a text is wanted
}

/** A number as Python's format "g" writes it. */
function general(value, digits) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)));
  const sign = exponent < 0 ? "-" : "+";
  return `${trimmed(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** A text as Python's repr writes it. */
const quoted = (text) => (text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replace(/'/g, "\\'")}'`);
/** To so many decimals, a half to the even one, as Python rounds. */
function fixed(value, decimals) {
  const scaled = value * 10 ** decimals;
  return (scaled - Math.floor(scaled) === 0.5 ? 2 * Math.round(scaled / 2) / 10 ** decimals : value).toFixed(decimals);
}
/** A whole number with its thousands, as Python's format ",.0f" writes it. */
const whole = (value) => fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, ",");
