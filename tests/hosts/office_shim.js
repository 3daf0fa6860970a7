// What of Office.js the bridge's pages use, so that they run in a plain browser; nothing of Microsoft's.
(() => {
  const associated = new Map();
  class CustomFunctionsError extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }
  globalThis.CustomFunctions = { associate: (name, run) => associated.set(name, run), Error: CustomFunctionsError };
  globalThis.Office = {
    onReady: async (then) => then?.({ host: "Excel" }),
    addin: { setStartupBehavior: async (behavior) => (globalThis.excel.startup = behavior) },
    StartupBehavior: { load: "Load" },
  };
  globalThis.Excel = {
    run: async (job) =>
      job({
        workbook: {
          getActiveCell: () => ({
            load() {},
            get formulas() { return [[globalThis.excel.selected]]; },
            set formulas(rows) { globalThis.excel.written = rows; },
          }),
          worksheets: {
            getActiveWorksheet: () => sheet("Sheet1"),
            getItem: (name) => sheet(name),
          },
        },
        sync: async () => {},
      }),
    createWorkbook: async (base64) => (globalThis.excel.opened = base64.length),
  };

  const sheet = (name) => ({ getRange: (place) => ({ load() {}, values: globalThis.excel.cells[`${name}!${place}`] }) });

  // As a worksheet calls: an error cell {error} arrives as an error, a repeated argument as a list of its own
  const revive = (key, value) => (value?.error ? new CustomFunctionsError(value.error) : value);
  const show = (cell) => (cell instanceof CustomFunctionsError ? { error: cell.code, reason: cell.message } : cell);
  globalThis.excel = {
    selected: "", // the formula of the selected cell
    cells: {}, // values of ranges, by sheet and place
    functions: () => [...associated.keys()],
    async call(name, args, fixed) {
      const given = fixed === null ? args : [...args.slice(0, fixed), args.slice(fixed)];
      try {
        return (await associated.get(name)(...given, { functionName: name })).map((row) => row.map(show));
      } catch (error) {
        return [[show(error)]];
      }
    },
    async callMany(text) {
      const calls = JSON.parse(text, revive);
      return JSON.stringify(await Promise.all(calls.map(({ name, args, fixed }) => excel.call(name, args, fixed))));
    },
  };
})();
