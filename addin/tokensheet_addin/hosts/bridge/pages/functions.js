"use strict";
// Each function of FUNCTIONS as an Excel custom function, with ERRORS as the errors that Excel takes from one. `Compute`
// has the answers: rows, or an error as an object with its reason.
const Tokensheet = (() => {
  // Excel shows the reason beside #VALUE! and #N/A only; WHY says it for every error
  const toError = ({ error, reason }) =>
    new CustomFunctions.Error(ERRORS.includes(error) ? error : "#VALUE!", reason);
  const isObject = (cell) => typeof cell === "object" && cell !== null;
  const isNumberOrText = (cell) => typeof cell !== "object"; // null would stand in the sheet as 0
  const toCell = (cell) =>
    isNumberOrText(cell) ? cell : toError(cell ?? { error: "#NUM!", reason: "the result is not a finite number" });
  const toRow = (row) => (row.every(isNumberOrText) ? row : row.map(toCell));

  // An error cell comes as an error with a code, a value of a data type with its basic value; both as what they show
  const plain = (cell) => (isObject(cell) ? (cell.code ?? cell.basicValue ?? null) : cell);
  const toArgument = (arg) =>
    Array.isArray(arg)
      ? arg.some((row) => row.some(isObject)) ? arg.map((row) => row.map(plain)) : arg
      : arg === undefined ? null : plain(arg);

  async function call(name, args) {
    try {
      return (await Compute.call(name, args)).map(toRow);
    } catch (failed) {
      throw toError(failed);
    }
  }

  for (const [name, repeats] of Object.entries(FUNCTIONS)) {
    CustomFunctions.associate(name, (...args) => {
      args.pop(); // what Excel adds: which cell is calling
      const repeated = repeats ? args.pop() : [];
      return call(name, [...args, ...(repeated ?? [])].map(toArgument));
    });
  }
  return { ...Compute, call };
})();
