"""The registry as a spreadsheet: brought in row by row with its errors, and taken home."""
