"use strict";
// Where the functions are computed: here, by the generated module. Nothing is sent anywhere.
const Compute = (() => {
  const shown = (cell) => (cell instanceof Core.CellError ? { error: cell.code, reason: cell.reason } : cell);
  const isError = (cell) => cell instanceof Core.CellError;

  async function ask(path) {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path} is not there: ${response.status}`);
    return response.json();
  }

  async function call(name, args) {
    const rows = Core.call(name, args);
    if (rows.length === 1 && rows[0].length === 1 && isError(rows[0][0])) throw shown(rows[0][0]);
    return rows.map((row) => (row.some(isError) ? row.map(shown) : row));
  }

  // So that the add-in works without the network once it was loaded
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("offline.js");
  return { ask, call };
})();
