const { compare } = new Intl.Collator(undefined, { numeric: true });

function keys(rows, column) {
  const texts = rows.map((row) => row.cells[column].textContent);
  const isNumeric = texts.every((text) => text === "-" || Number.isFinite(Number(text)));
  return texts.map((text) => (text === "-" ? null : isNumeric ? Number(text) : text));
}

function sort(table, column, sign) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const values = keys(rows, column);
  const order = rows.map((_, index) => index);
  order.sort((a, b) => {
    const [x, y] = [values[a], values[b]];
    if (x === null || y === null) return (x === null) - (y === null);
    return sign * (typeof x === "number" ? x - y : compare(x, y));
  });
  body.replaceChildren(...order.map((index) => rows[index])); // moved one by one they take a second
}

for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => {
      const isAscending = header.getAttribute("aria-sort") === "ascending";
      for (const other of headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
      sort(table, column, isAscending ? -1 : 1);
    });
    header.append(button);
  });
}
