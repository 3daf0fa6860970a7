"""The functions as a spreadsheet sees them: names, help, arrays, blanks and errors."""
