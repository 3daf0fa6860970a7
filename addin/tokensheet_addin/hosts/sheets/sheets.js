// What Google Sheets has beside the functions: how a formula gets its answer, and the menu.

/**
 * The answer to a formula. Sheets has no error values for a script to give back: that of a single cell is thrown, so that
 * its reason shows at the cell; in a block, whose other cells have an answer, it is NaN, which Sheets shows as #NUM!.
 */
function answer(name, args) {
  const rows = Core.call(name, [...args]);
  const [[first]] = rows;
  if (rows.length > 1 || rows[0].length > 1) {
    return rows.map((row) => row.map((cell) => (cell instanceof Core.CellError ? NaN : cell)));
  }
  if (first instanceof Core.CellError) throw new Error(`${first.code} ${first.reason}`);
  return first;
}

function addMenu() {
  SpreadsheetApp.getUi()
    .createMenu("tokensheet")
    .addItem("Catalogue", "tokensheetCatalogue")
    .addItem("About", "tokensheetAbout")
    .addToUi();
}

/** Chips and models with their sources, each on a sheet of its own; never over one that is there. */
function writeCatalogue() {
  const book = SpreadsheetApp.getActiveSpreadsheet();
  const tables = { "tokensheet chips": Core.CHIPS, "tokensheet models": Core.MODELS };
  const there = Object.keys(tables).filter((name) => book.getSheetByName(name));
  if (there.length) {
    SpreadsheetApp.getUi().alert(`There is a sheet ${there.join(" and a sheet ")}; delete or rename it first.`);
    return;
  }
  for (const [name, table] of Object.entries(tables)) writeTable(book.insertSheet(name), table);
}

/** @param {GoogleAppsScript.Spreadsheet.Sheet} sheet */
function writeTable(sheet, table) {
  const columns = Object.keys(table[0]);
  const rows = [columns, ...table.map((row) => columns.map((column) => asTyped(row[column])))];
  const [high, wide] = [sheet.getMaxRows(), sheet.getMaxColumns()]; // beyond them there is no range
  if (rows.length > high) sheet.insertRowsAfter(high, rows.length - high);
  if (columns.length > wide) sheet.insertColumnsAfter(wide, columns.length - wide);
  sheet.getRange(1, 1, rows.length, columns.length).setValues(rows);
  sheet.setFrozenRows(1);
}

/** A value as one would type it: a text stays the text that it is, also one that begins as a formula or reads as a date. */
function asTyped(value) {
  if (typeof value === "string") return `'${value}`;
  return value ?? "";
}

function showAbout() {
  const ui = SpreadsheetApp.getUi();
  const text =
    `What a token costs, and why: ${ABOUT.functions} functions, the catalogue of ${ABOUT.catalogue}.\n\n` +
    "They are computed by the script of this document, which asks no other service and can open no other document. " +
    '=WHY("DECODE_COST", …) says how a result comes about, or what is wrong.';
  ui.alert(`tokensheet ${ABOUT.version}`, text, ui.ButtonSet.OK);
}
