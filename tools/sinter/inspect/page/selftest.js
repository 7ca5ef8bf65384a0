// `page.html#selftest`: clicks through all passes, ops and tabs as a person would, and writes what it saw into the page.

function clickOp(view, node) {
  view.select(node.op.id, "centre");
  view.selected = -1;
  // The middle of a container is its content; its caption is its own.
  const x = view.x + (node.x + 8) * view.scale, y = view.y + (node.y + 6) * view.scale;
  for (const type of ["pointerdown", "pointerup"]) {
    const event = new PointerEvent(type, { pointerId: 1, bubbles: true });
    Object.defineProperty(event, "offsetX", { value: x });
    Object.defineProperty(event, "offsetY", { value: y });
    view.canvas.dispatchEvent(event);
  }
}

function selftest() {
  const lines = [], problems = [];
  const expect = (condition, text) => condition || problems.push(text);
  let slowest = 0, clicked = 0;
  const timed = (what) => {
    const start = performance.now();
    what();
    slowest = Math.max(slowest, performance.now() - start);
  };
  views.after.resized();
  const buttons = [...document.querySelectorAll("#passes button")];
  buttons.forEach((button, index) => {
    timed(() => {
      button.click();
      views.after.paint();
    });
    expect(state.stage === index && button.getAttribute("aria-current") === "true", `pass ${index} is not chosen`);
    const { nodes } = views.after.layout;
    if (data.stages[index].changed)
      for (const node of nodes.values()) {
        timed(() => clickOp(views.after, node));
        ++clicked;
        expect(state.selected === node.op.id, `${data.stages[index].pass}: a click on ${node.op.op} #${node.op.id} selects #${state.selected}`);
        expect($("#details").textContent.includes(node.op.op), `${node.op.op} #${node.op.id} has no details`);
      }
    views.after.fitAll();
    timed(() => views.after.paint());
    expect(views.after.painted > 0, `${data.stages[index].pass}: nothing is drawn`);
  });
  lines.push(`passes: ${buttons.length}`, `ops clicked: ${clicked}`);
  for (const side of ["before", "both", "after"]) {
    $(`[data-side="${side}"]`).click();
    expect($("#viewBefore").hidden === (side === "after"), `${side} shows the wrong graph`);
  }
  const key = (name, target = document) => target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  key("[");
  expect(state.stage === buttons.length - 2, "[ does not go back");
  key("]");
  selectOp(-1, null);
  key("ArrowDown", views.after.canvas);
  expect(state.selected >= 0, "an arrow key selects nothing");
  for (const tab of document.querySelectorAll("#tabs button")) {
    timed(() => tab.click());
    const section = $(`#${tab.dataset.tab}`);
    expect(section.offsetHeight > 100 && section.childElementCount > 0, `tab ${tab.dataset.tab} is empty`);
    for (const other of document.querySelectorAll("main > section"))
      expect(other === section || other.offsetHeight === 0, `tab ${tab.dataset.tab} shows ${other.id} too`);
  }
  lines.push(`buffers drawn: ${document.querySelectorAll("#memory rect").length}`,
             `kernels in the roofline: ${document.querySelectorAll("#roofline circle").length}`,
             `lines of the spec: ${document.querySelectorAll("#remarks .line").length}`,
             `slowest reaction: ${slowest < 200 ? "below" : "above"} 200 ms`, `problems: ${problems.length}`, ...problems.slice(0, 20));
  document.body.append(make("pre", { id: "selftest", "data-slowest": Math.round(slowest) }, lines.map((line) => `selftest: ${line}`).join("\n")));
}

if (location.hash === "#selftest") selftest();
