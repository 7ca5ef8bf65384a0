// The page: which pass, which tab, which op.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (selector) => document.querySelector(selector);
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const state = { stage: 0, name: "", side: "after", selected: -1, view: null, tab: "graph", allRemarks: false, file: "" };
const views = {};

// A stage that changed nothing has no functions of its own.
function functionsAt(index) {
  while (index > 0 && !data.stages[index].functions.length) --index;
  return data.stages[index].functions;
}
function functionAt(index) {
  const all = functionsAt(Math.max(0, index));
  return all.find((f) => f.name === state.name) || all.find((f) => f.name !== "encode") || all[0];
}

// Layouts are made when they are first looked at.
const layouts = new Map();
function layoutAt(index) {
  while (index > 0 && !data.stages[index].functions.length) --index;
  const stored = $("#showStored").checked;
  const shown = functionAt(index);
  const key = `${index} ${shown.name} ${stored}`;
  if (!layouts.has(key)) layouts.set(key, layOut(shown.ops, stored));
  return layouts.get(key);
}

//----------------------------------------------------------------------------//
// The frame
//----------------------------------------------------------------------------//

function showHead() {
  document.title = `${data.model}: sinter inspect`;
  $("#model").textContent = data.model;
  const { tokens, past, rows, source } = data.workload;
  const plural = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
  $("#facts").textContent = [data.architecture, data.cpu, `passes: ${data.passes}`,
    `a call of ${plural(tokens, "token")} behind ${past}, ${plural(rows, "row")} asked for` + (source ? `, a source of ${source}` : "")]
    .filter(Boolean).join(" · ");
  const total = (label, before, after, text) => {
    const part = before ? (1 - after / before) * 100 : 0;
    return make("div", { class: "total", title: `before fusion: ${text(before)}` },
      make("b", {}, text(after), " ", make("i", {}, Math.abs(part) >= 0.5 ? `${part > 0 ? "−" : "+"}${Math.abs(part).toFixed(0)} %` : "")),
      make("span", {}, label));
  };
  const { unfused, final } = data;
  $("#totals").append(
    total("bytes per token", unfused.bytes_per_token, final.bytes_per_token, bytes),
    total("of activations", unfused.activation_bytes_per_token, final.activation_bytes_per_token, bytes),
    total("operations per token", unfused.operations_per_token, final.operations_per_token, number));
  if (data.memory.length) {
    const arena = data.memory.reduce((sum, plan) => sum + plan.arena, 0), barriers = data.memory.reduce((sum, plan) => sum + plan.barriers, 0);
    $("#totals").append(make("div", { class: "total" }, make("b", {}, bytes(arena)), make("span", {}, `arena, ${plural(barriers, "barrier")}`)));
  }
}

function showPasses() {
  // Before there are entries, a call computes the whole past too: what comes later would be too small to see.
  const most = Math.max(data.unfused.activation_bytes_per_token, 1);
  data.stages.forEach((stage, index) => {
    const changed = stage.functions.reduce((sum, f) => sum + f.ops.filter((op) => op.changed).length, 0);
    const part = Math.min(100, (100 * stage.activation_bytes_per_token) / most);
    $("#passes").append(make("li", { class: stage.changed ? "" : "same" },
      make("button", { title: `${stage.description}\n${bytes(stage.activation_bytes_per_token)} of activations per token`, onclick: () => choosePass(index) },
        make("span", {}, stage.pass), make("span", { class: "count" }, changed ? String(changed) : ""),
        make("span", { class: "weight" }, make("i", { style: `width: ${part}%` })))));
  });
}

function choosePass(index) {
  state.stage = Math.min(data.stages.length - 1, Math.max(0, index));
  document.querySelectorAll("#passes button").forEach((button, at) => {
    if (at === state.stage) {
      button.setAttribute("aria-current", "true");
      button.scrollIntoView({ block: "nearest" });
    } else button.removeAttribute("aria-current");
  });
  const stage = data.stages[state.stage];
  $("#title").textContent = stage.description + (stage.changed ? "" : " Nothing changed here.");
  const names = functionsAt(state.stage).map((f) => f.name);
  if (!names.includes(state.name)) state.name = names.find((name) => name !== "encode") || names[0];
  $("#function").replaceChildren(...names.map((name) => make("option", { selected: name === state.name }, name)));
  $("#function").hidden = names.length < 2;
  state.selected = -1;
  state.view = null;
  showGraph(false);
  if (state.tab === "remarks") showRemarks();
  showDetails();
}

function chooseTab(tab) {
  state.tab = tab;
  document.querySelectorAll("#tabs button").forEach((button) => button.setAttribute("aria-selected", String(button.dataset.tab === tab)));
  document.querySelectorAll("main > section").forEach((section) => (section.hidden = section.id !== tab));
  if (tab === "memory") showMemory();
  if (tab === "roofline") showRoofline();
  if (tab === "remarks") showRemarks();
}

//----------------------------------------------------------------------------//
// Graph and details
//----------------------------------------------------------------------------//

function showGraph(keepPlace) {
  const both = state.side === "both" && state.stage > 0;
  $("#viewBefore").hidden = !(both || state.side === "before");
  $("#viewAfter").hidden = !(both || state.side === "after");
  document.querySelectorAll("[data-side]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.side === state.side)));
  views.before.stage = Math.max(0, state.stage - 1);
  views.after.stage = state.stage;
  for (const view of Object.values(views))
    if (!view.figure.hidden) {
      view.marksChanges = data.stages[view.stage].changed;
      view.selected = view === state.view ? state.selected : -1;
      view.show(layoutAt(view.stage), keepPlace);
    }
}

function selectOp(id, view, reveal) {
  state.selected = id;
  state.view = view;
  for (const other of Object.values(views)) other.select(other === view ? id : -1, reveal);
  showDetails();
}

function specLines(place, around = 1) {
  const text = data.sources[place.file];
  if (!text) return null;
  const lines = text.split("\n");
  const shown = [];
  for (let line = Math.max(1, place.line - around); line <= Math.min(lines.length, place.line + around); ++line) {
    shown.push(make("span", { class: line === place.line ? "" : "soft" }, `${String(line).padStart(4)}  ${lines[line - 1]}\n`));
    if (line === place.line) shown.push(make("span", { class: "caret" }, " ".repeat(place.column + 5) + "^\n"));
  }
  return make("pre", {}, ...shown);
}

function placeElement(place, index, all) {
  if (!place.file) return make("p", {}, `node ${place.name}`);
  const label = index ? `called${all[index - 1].name ? ` as ${all[index - 1].name}` : ""} at ` : "";
  return make("div", {}, label,
    make("button", { class: "link", onclick: () => openSource(place) }, `${place.file}:${place.line}:${place.column}`), specLines(place, index ? 0 : 1));
}

function costTable(cost, runs) {
  const rows = [["weights read", cost.weights, bytes], ["activations read", cost.read, bytes], ["written", cost.written, bytes], ["operations", cost.operations, number]];
  return make("table", {},
    make("tr", {}, make("th", {}, "a call"), make("th", { class: "number" }, "once"), runs > 1 ? make("th", { class: "number" }, `× ${runs}`) : null),
    ...rows.map(([label, value, text]) => make("tr", {}, make("td", {}, label), make("td", { class: "number" }, text(value)),
      runs > 1 ? make("td", { class: "number" }, text(value * runs)) : null)));
}

function opLink(ops, id) {
  return make("button", { class: "link", onclick: () => {
    if (!views.after.layout.nodes.has(id) && STORED.has(ops[id].op)) {
      $("#showStored").checked = true;
      showGraph(true);
    }
    selectOp(id, state.view, true);
  } }, `${shortName(ops[id].op)} #${id}`);
}

function showDetails() {
  const panel = $("#details");
  if (!state.view || state.selected < 0) return panel.replaceChildren(...stageSummary());
  const ops = functionAt(state.view.stage).ops;
  const op = ops[state.selected];
  if (!op) return panel.replaceChildren();
  const list = (ids) => ids.flatMap((id, index) => [index ? ", " : "", opLink(ops, id)]);
  const users = ops.filter((other) => other.inputs.includes(op.id)).map((other) => other.id);
  const content = [
    make("p", { class: "name" }, op.op, " ", op.changed && data.stages[state.view.stage].changed ? make("span", { class: "badge changed" }, "changed here") : ""),
    make("p", { class: "soft" }, [`#${op.id}`, op.kernel && "a kernel", op.runs > 1 && `in ${op.runs} layers`].filter(Boolean).join(" · ")),
    op.types.length ? make("h3", {}, "Shape") : null, ...op.types.map((type) => make("pre", {}, shortType(type))),
    make("h3", {}, "IR"), make("pre", {}, op.text),
    op.cost.bytes || op.cost.operations ? make("h3", {}, "Cost") : null,
    op.cost.bytes || op.cost.operations ? costTable(op.cost, op.op === "sinter.repeat" ? 1 : op.runs) : null,
    op.cost.bytes && op.cost.operations ? make("p", { class: "soft" }, `${(op.cost.operations / op.cost.bytes).toPrecision(3)} operations a byte`) : null,
    op.weights ? make("h3", {}, "Weights") : null, ...(op.weights || []).map((name) => make("pre", {}, name)),
    op.places.length ? make("h3", {}, "From") : null, ...op.places.map(placeElement),
    op.inputs.length ? make("h3", {}, "Takes") : null, op.inputs.length ? make("p", {}, ...list(op.inputs)) : null,
    users.length ? make("h3", {}, "Goes to") : null, users.length ? make("p", {}, ...list(users)) : null,
  ];
  const place = op.places[0];
  const said = place ? data.remarks.filter((remark) => remark.places[0] && remark.places[0].file === place.file && remark.places[0].line === place.line && place.line) : [];
  if (said.length) content.push(make("h3", {}, "Remarks on this line"), ...said.map(remarkElement));
  panel.replaceChildren(...content.filter(Boolean));
}

function stageSummary() {
  const stage = data.stages[state.stage];
  const counts = new Map();
  for (const f of functionsAt(state.stage)) for (const op of f.ops) if (op.kernel) counts.set(op.op, (counts.get(op.op) || 0) + op.runs);
  const remarks = data.remarks.filter((remark) => remark.pass === stage.pass);
  return [
    make("p", { class: "name" }, stage.pass), make("p", { class: "soft" }, stage.description),
    make("h3", {}, "A call after this pass"), costTable(stage.cost, 1),
    counts.size ? make("h3", {}, "Kernels run") : null,
    counts.size ? make("table", {}, ...[...counts].map(([name, count]) => make("tr", {}, make("td", {}, shortName(name)), make("td", { class: "number" }, String(count))))) : null,
    remarks.length ? make("h3", {}, `Remarks of this pass`) : null, ...remarks.slice(0, 40).map((remark) => remarkElement(remark, true)),
    make("p", { class: "soft" }, "Click an operation to see where it comes from and what it costs."),
  ].filter(Boolean);
}

//----------------------------------------------------------------------------//
// Memory and roofline
//----------------------------------------------------------------------------//

function showMemory() {
  $("#memory").replaceChildren(...data.memory.map((plan) => make("div", { class: "pad" },
    make("h3", {}, `${plan.function}: ${bytes(plan.arena)} hold ${plan.buffers.length} buffers over ${plan.phases} phases, ${plan.barriers} barriers`),
    memoryChart(plan),
    make("details", {}, make("summary", {}, "All buffers"), make("table", {},
      make("tr", {}, ...["buffer of", "at", "bytes", "phases"].map((name) => make("th", {}, name))),
      ...plan.buffers.map((buffer) => make("tr", {}, make("td", {}, shortName(buffer.name)), make("td", {}, String(buffer.offset)),
        make("td", {}, String(buffer.size)), make("td", {}, buffer.phases.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ")))))))));
  if (!data.memory.length) $("#memory").append(make("p", { class: "pad soft" }, "No entry has a memory plan."));
}

const machine = { peak: 250, bandwidth: 20 };
function showRoofline() {
  const input = (key, unit) => make("label", {}, make("input", { type: "number", min: 1, value: machine[key], oninput: (event) => {
    if (event.target.value > 0) machine[key] = Number(event.target.value);
    draw();
  } }), ` ${unit}`);
  const holder = make("div");
  const pick = (kernel) => {
    state.name = kernel.function;
    choosePass(data.stages.length - 1);
    chooseTab("graph");
    state.side = "after";
    showGraph(true);
    selectOp(kernel.op, views.after, "centre");
  };
  const draw = () => holder.replaceChildren(rooflineChart(data.kernels, machine.peak, machine.bandwidth, pick));
  draw();
  const rows = [...data.kernels].sort((l, r) => r.cost.bytes * r.runs - l.cost.bytes * l.runs);
  $("#roofline").replaceChildren(make("div", { class: "pad" },
    make("p", {}, "A machine of ", input("peak", "GFLOP/s"), " and ", input("bandwidth", "GB/s"),
      make("span", { class: "soft" }, " (write yours here). A dot is a kernel, as large as what it moves.")),
    holder,
    make("table", {}, make("tr", {}, ...["kernel", "runs", "bytes a run", "operations a run", "a byte", "bound by"].map((name) => make("th", {}, name))),
      ...rows.map((kernel) => make("tr", {},
        make("td", {}, make("button", { class: "link", onclick: () => pick(kernel) }, `${shortName(kernel.name)} #${kernel.op}`)),
        make("td", {}, String(kernel.runs)), make("td", {}, bytes(kernel.cost.bytes)), make("td", {}, number(kernel.cost.operations)),
        make("td", {}, kernel.intensity.toPrecision(3)), make("td", {}, kernel.intensity < machine.peak / machine.bandwidth ? "memory" : "arithmetic"))))));
}

//----------------------------------------------------------------------------//
// Remarks beside the spec
//----------------------------------------------------------------------------//

function remarkElement(remark, withPlace) {
  const place = remark.places[0];
  return make("div", { class: `remark ${remark.kind}`, style: "margin-left: 0" },
    make("span", { class: `badge ${remark.kind}` }, remark.kind), " ", make("span", { class: "soft" }, remark.pass), " ", remark.message,
    remark.count > 1 ? ` (${remark.count} times)` : "",
    withPlace && place && place.file ? make("div", {}, make("button", { class: "link", onclick: () => openSource(place) }, `${place.file}:${place.line}`)) : null);
}

function openSource(place) {
  state.file = place.file;
  chooseTab("remarks");
  const line = $(`#remarks [data-line="${place.line}"]`);
  if (line) line.scrollIntoView({ block: "center" });
}

function showRemarks() {
  const stage = data.stages[state.stage];
  const shown = data.remarks.filter((remark) => state.stage === 0 || state.allRemarks || remark.pass === stage.pass);
  const files = Object.keys(data.sources);
  if (!files.includes(state.file)) state.file = files.find((file) => file.includes(data.architecture)) || files[0] || "";
  const choice = make("div", { class: "bar" },
    make("select", { "aria-label": "File", onchange: (event) => { state.file = event.target.value; showRemarks(); } },
      ...files.map((file) => make("option", { selected: file === state.file }, file))),
    make("label", {}, make("input", { type: "checkbox", checked: state.allRemarks, onchange: (event) => { state.allRemarks = event.target.checked; showRemarks(); } }), " of all passes"),
    make("span", { class: "soft" }, `${shown.length} remarks ${state.stage === 0 || state.allRemarks ? "in all" : `of ${stage.pass}`}`));
  const at = new Map();
  const elsewhere = [];
  for (const remark of shown) {
    const place = remark.places[0];
    if (place && place.file === state.file) at.set(place.line, [...(at.get(place.line) || []), remark]);
    else elsewhere.push(remark);
  }
  const source = make("div", { class: "source pad" });
  (data.sources[state.file] || "").split("\n").forEach((text, index) => {
    const said = at.get(index + 1) || [];
    source.append(make("div", { class: "line" + (said.length ? " said" : ""), "data-line": index + 1 }, make("span", {}, String(index + 1)), make("span", {}, text || " ")));
    for (const remark of said) {
      const element = remarkElement(remark);
      element.removeAttribute("style");
      source.append(element);
    }
  });
  $("#remarks").replaceChildren(choice, source,
    elsewhere.length ? make("div", { class: "pad" }, make("h3", {}, files.length ? "In other files" : "Remarks"), ...elsewhere.map((remark) => remarkElement(remark, true))) : "");
}

//----------------------------------------------------------------------------//
// Start
//----------------------------------------------------------------------------//

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  for (const view of Object.values(views)) view.draw();
}

function start() {
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  views.before = new GraphView($("#viewBefore"), selectOp);
  views.after = new GraphView($("#viewAfter"), selectOp);
  showHead();
  showPasses();
  $("#legend").append(...[["--loop", "layers"], ["--linear", "contraction"], ["--attention", "attention"], ["--rows", "row work"]].map(([colour, name]) =>
    make("span", {}, make("i", { style: `background: var(${colour})` }), name)), make("span", {}, make("i", { style: "border: 2px solid var(--mark)" }), "changed"));
  document.querySelectorAll("#tabs button").forEach((button) => button.addEventListener("click", () => chooseTab(button.dataset.tab)));
  document.querySelectorAll("[data-side]").forEach((button) => button.addEventListener("click", () => { state.side = button.dataset.side; showGraph(false); }));
  $("#function").addEventListener("change", (event) => { state.name = event.target.value; selectOp(-1, null); showGraph(false); });
  $("#showStored").addEventListener("change", () => showGraph(true));
  $("#fit").addEventListener("click", () => Object.values(views).forEach((view) => view.fitAll()));
  $("#theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", (event) => {
    if (/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "[") choosePass(state.stage - 1);
    if (event.key === "]") choosePass(state.stage + 1);
  });
  // A link to a view: page.html#pass=12&tab=memory&side=both&theme=dark.
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (wanted.has("theme")) setTheme(wanted.get("theme"));
  if (["before", "after", "both"].includes(wanted.get("side"))) state.side = wanted.get("side");
  chooseTab($(`#tabs [data-tab="${CSS.escape(wanted.get("tab") || "")}"]`) ? wanted.get("tab") : "graph");
  choosePass(wanted.has("pass") ? Number(wanted.get("pass")) || 0 : data.stages.length - 1);
}

start();
