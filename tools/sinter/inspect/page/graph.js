// A graph on a canvas: drawn when something moves, and only what is in sight.

const KIND = {
  "sinter.repeat": "--loop", "sinter.row_group": "--rows", "sinter.linear_group": "--linear", "sinter.linear": "--linear",
  "sinter.attention": "--attention", "sinter.attention_scores": "--attention", "sinter.attention_values": "--attention",
};

class GraphView {
  constructor(figure, onSelect) {
    this.figure = figure;
    this.canvas = figure.querySelector("canvas");
    this.onSelect = onSelect;
    this.layout = null;
    this.scale = 1;
    this.x = this.y = 0;
    this.selected = -1;
    this.pending = false;
    this.listen();
    new ResizeObserver(() => this.resized()).observe(figure);
  }

  show(layout, keepPlace) {
    this.layout = layout;
    if (!keepPlace) this.fit();
    this.draw();
  }

  resized() {
    const { clientWidth: w, clientHeight: h } = this.figure;
    const ratio = window.devicePixelRatio || 1;
    const first = !this.width;
    this.width = w;
    this.height = h;
    this.canvas.width = w * ratio;
    this.canvas.height = h * ratio;
    if (first && w) this.fit();
    this.draw();
  }

  fit() {
    if (!this.layout || !this.width) return;
    const { width, height } = this.layout;
    // Wide enough to read: a long graph starts at its top.
    this.scale = Math.max(Math.min((this.width - 48) / width, (this.height - 48) / height, 1.2), Math.min((this.width - 48) / width, 0.55), 0.02);
    this.x = (this.width - width * this.scale) / 2;
    this.y = height * this.scale > this.height - 48 ? 30 : (this.height - height * this.scale) / 2;
    this.draw();
  }

  fitAll() {
    if (!this.layout || !this.width) return;
    const { width, height } = this.layout;
    this.scale = Math.max(Math.min((this.width - 32) / width, (this.height - 48) / height, 1.4), 0.005);
    this.x = (this.width - width * this.scale) / 2;
    this.y = (this.height - height * this.scale) / 2 + 8;
    this.draw();
  }

  zoom(factor, cx = this.width / 2, cy = this.height / 2) {
    const next = Math.min(4, Math.max(0.005, this.scale * factor));
    this.x = cx - ((cx - this.x) * next) / this.scale;
    this.y = cy - ((cy - this.y) * next) / this.scale;
    this.scale = next;
    this.draw();
  }

  // The innermost node at a place of the canvas.
  find(px, py) {
    if (!this.layout) return null;
    const x = (px - this.x) / this.scale, y = (py - this.y) / this.scale;
    const within = (block) => {
      for (const node of block)
        if (x >= node.x && x <= node.x + node.w && y >= node.y && y <= node.y + node.h) return within(node.children) || node;
      return null;
    };
    return within(this.layout.roots);
  }

  select(id, reveal) {
    this.selected = id;
    const node = this.layout && this.layout.nodes.get(id);
    if (node && reveal) {
      const x = this.x + (node.x + node.w / 2) * this.scale, y = this.y + (node.y + Math.min(node.h, 60) / 2) * this.scale;
      if (this.scale < 0.3) this.scale = 0.8;
      if (x < 40 || y < 40 || x > this.width - 40 || y > this.height - 40 || reveal === "centre") {
        this.x = this.width / 2 - (node.x + node.w / 2) * this.scale;
        this.y = this.height / 2 - (node.y + Math.min(node.h, 60) / 2) * this.scale;
      }
    }
    this.draw();
  }

  listen() {
    const canvas = this.canvas;
    let from = null, moved = false;
    const pointers = new Map();
    let pinch = 0;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      from = { x: event.offsetX, y: event.offsetY };
      moved = false;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!pointers.has(event.pointerId)) return;
      pointers.set(event.pointerId, event);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()];
        const distance = Math.hypot(a.offsetX - b.offsetX, a.offsetY - b.offsetY);
        if (pinch) this.zoom(distance / pinch, (a.offsetX + b.offsetX) / 2, (a.offsetY + b.offsetY) / 2);
        pinch = distance;
        moved = true;
        return;
      }
      const dx = event.offsetX - from.x, dy = event.offsetY - from.y;
      if (!moved && Math.hypot(dx, dy) < 4) return;
      moved = true;
      this.x += dx;
      this.y += dy;
      from = { x: event.offsetX, y: event.offsetY };
      this.draw();
    });
    const up = (event) => {
      pointers.delete(event.pointerId);
      pinch = 0;
      if (!moved && event.type === "pointerup") {
        const node = this.find(event.offsetX, event.offsetY);
        this.onSelect(node ? node.op.id : -1, this);
      }
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey || !event.shiftKey) this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
      else {
        this.x -= event.deltaX || event.deltaY;
        this.draw();
      }
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const keys = { "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), "0": () => this.fitAll() };
    const node = this.layout && this.layout.nodes.get(this.selected);
    const go = (other) => other && this.onSelect(other.op.id, this, true);
    const siblings = node && (this.layout.nodes.get(node.op.parent)?.children || this.layout.roots);
    const beside = (step) => {
      const layer = siblings.filter((n) => n.layer === node.layer).sort((l, r) => l.x - r.x);
      go(layer[layer.indexOf(node) + step]);
    };
    if (node)
      Object.assign(keys, {
        ArrowUp: () => go(node.edges[0] || this.layout.nodes.get(node.op.parent)),
        ArrowDown: () => go(node.users[0] || node.children[0]),
        ArrowLeft: () => beside(-1), ArrowRight: () => beside(1),
        Enter: () => go(node.children[0]), Escape: () => this.onSelect(-1, this),
      });
    else if (this.layout) keys.ArrowDown = keys.Enter = () => go(this.layout.roots[0]);
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  draw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.paint();
    });
  }

  paint() {
    if (!this.width || !this.layout) return;
    const style = getComputedStyle(document.documentElement);
    this.colour = (name) => style.getPropertyValue(name).trim();
    const context = this.canvas.getContext("2d");
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = this.colour("--panel");
    context.fillRect(0, 0, this.width, this.height);
    context.setTransform(ratio * this.scale, 0, 0, ratio * this.scale, ratio * this.x, ratio * this.y);
    this.sight = { left: -this.x / this.scale, top: -this.y / this.scale,
                   right: (this.width - this.x) / this.scale, bottom: (this.height - this.y) / this.scale };
    this.painted = 0;
    this.near = new Set();
    const chosen = this.layout.nodes.get(this.selected);
    if (chosen) {
      chosen.op.inputs.forEach((id) => this.near.add(this.layout.nodes.get(id)));
      chosen.users.forEach((node) => this.near.add(node));
    }
    this.paintBlock(context, this.layout.roots);
  }

  isSeen(left, top, right, bottom) {
    return right >= this.sight.left && left <= this.sight.right && bottom >= this.sight.top && top <= this.sight.bottom;
  }

  paintBlock(context, block) {
    const detail = this.scale > 0.28;
    context.lineWidth = detail ? 1.1 : 1 / this.scale;
    for (const node of block)
      for (const from of node.edges) {
        const x1 = from.x + from.w / 2, y1 = from.y + from.h, x2 = node.x + node.w / 2, y2 = node.y;
        if (!this.isSeen(Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2))) continue;
        const isChosen = node.op.id === this.selected || from.op.id === this.selected;
        context.strokeStyle = this.colour(isChosen ? "--accent" : "--edge");
        const bend = Math.max(12, Math.min(60, (y2 - y1) / 2));
        context.beginPath();
        context.moveTo(x1, y1);
        context.bezierCurveTo(x1, y1 + bend, x2, y2 - bend, x2, y2);
        context.stroke();
        if (detail) {
          context.fillStyle = context.strokeStyle;
          context.beginPath();
          context.moveTo(x2, y2);
          context.lineTo(x2 - 3.5, y2 - 6);
          context.lineTo(x2 + 3.5, y2 - 6);
          context.fill();
        }
      }
    for (const node of block)
      if (this.isSeen(node.x, node.y, node.x + node.w, node.y + node.h)) this.paintNode(context, node, detail);
  }

  paintNode(context, node, detail) {
    ++this.painted;
    const { op } = node;
    const kind = KIND[op.op] || (STORED.has(op.op) || op.op === "input" ? "--stored" : op.kernel ? "--kernel" : "--node");
    const isChosen = op.id === this.selected, isChanged = op.changed && this.marksChanges;
    context.beginPath();
    context.roundRect(node.x, node.y, node.w, node.h, node.children.length ? 9 : 6);
    context.fillStyle = this.colour(kind);
    context.fill();
    context.strokeStyle = this.colour(isChosen ? "--accent" : isChanged ? "--mark" : this.near.has(node) ? "--accent" : "--edge");
    context.lineWidth = (isChosen ? 3 : isChanged ? 2 : 1) / (detail ? 1 : this.scale * 1.6);
    context.stroke();
    if (node.h * this.scale > 9) {
      // Where there is no room for letters, the colour says enough.
      const big = node.children.length && !detail;
      context.fillStyle = this.colour("--ink");
      context.font = (node.children.length ? "600 " : "") + (big ? Math.min(13 / this.scale, node.w / 8) : 12.5) + "px system-ui, 'Liberation Sans', sans-serif";
      context.textBaseline = "top";
      if (detail || big) context.fillText(caption(node), node.x + 10, node.y + 5, node.w - 16);
      if (detail && !node.children.length && op.types[0]) {
        context.fillStyle = this.colour("--soft");
        context.font = "10.5px ui-monospace, 'DejaVu Sans Mono', monospace";
        context.fillText(shortType(op.types[0]), node.x + 10, node.y + 21, node.w - 16);
      }
      if (isChanged && detail) {
        context.fillStyle = this.colour("--mark");
        context.beginPath();
        context.arc(node.x + node.w - 8, node.y + 8, 3, 0, 7);
        context.fill();
      }
    }
    if (node.children.length && node.h * this.scale > 16) this.paintBlock(context, node.children);
  }
}
