/** A table shown as cards stays a table for screen readers. */

export function asTables() {
  for (const table of document.querySelectorAll('.table-cards')) {
    table.setAttribute('role', 'table');
    table.querySelectorAll('thead, tbody').forEach((group) => group.setAttribute('role', 'rowgroup'));
    table.querySelectorAll('tr').forEach((row) => row.setAttribute('role', 'row'));
    table.querySelectorAll('th').forEach((cell) => cell.setAttribute('role', 'columnheader'));
    table.querySelectorAll('td').forEach((cell) => cell.setAttribute('role', 'cell'));
  }
}

asTables();
