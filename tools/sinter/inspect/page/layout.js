"use strict";
// Layers of a graph, and a place for each of its nodes. Containers (layers of a model, kernels) are laid out from the
// inside out: each is a node of its parent.

const STORED = new Set(["sinter.weight", "sinter.constant", "sinter.parameter_load", "sinter.layer_number", "sinter.pack"]);

const shortName = (name) => name.replace(/^sinter\./, "");

// "tensor<[N, 768], f32>" of a type's text.
const shortType = (type) => type.replace(/!sinter\.(tensor|packed|history)/g, (_, kind) => (kind === "tensor" ? "" : kind))
  .replace(/^<\[(.*)\], (\w+)>$/, "[$1] $2");

// A layout: { nodes: Map id -> node, roots, width, height }; a node: { op, x, y, w, h, children, edges, layer }.
function layOut(ops, showStored) {
  const nodes = new Map();
  for (const op of ops) {
    if (!showStored && STORED.has(op.op)) continue;
    if (op.parent >= 0 && !nodes.has(op.parent)) continue;
    nodes.set(op.id, { op, x: 0, y: 0, w: 0, h: 0, children: [], edges: [], users: [] });
  }
  const roots = [];
  for (const node of nodes.values())
    (nodes.has(node.op.parent) ? nodes.get(node.op.parent).children : roots).push(node);
  const chain = (id) => {
    const up = [];
    for (; id >= 0 && nodes.has(id); id = nodes.get(id).op.parent) up.push(id);
    return up.reverse();
  };
  // An edge is drawn between the two outermost nodes that do not hold both of its ends.
  for (const node of nodes.values()) {
    const to = chain(node.op.id);
    for (const input of node.op.inputs) {
      if (!nodes.has(input)) continue;
      const from = chain(input);
      let depth = 0;
      while (depth < from.length && depth < to.length && from[depth] === to[depth]) ++depth;
      if (depth >= from.length || depth >= to.length) continue;
      const source = nodes.get(from[depth]), target = nodes.get(to[depth]);
      if (!target.edges.includes(source)) {
        target.edges.push(source);
        source.users.push(target);
      }
    }
  }
  const size = placeBlock(roots);
  shift(roots, 0, 0);
  return { nodes, roots, width: size.width, height: size.height };
}

function shift(block, dx, dy) {
  for (const node of block) {
    node.x += dx;
    node.y += dy;
    shift(node.children, node.x, node.y);
  }
}

// Sizes and places the nodes of one block, relative to its corner.
function placeBlock(block) {
  for (const node of block) {
    if (node.children.length) {
      const inner = placeBlock(node.children);
      for (const child of node.children) {
        child.x += 14;
        child.y += 34;
      }
      node.w = Math.max(inner.width + 28, 12 + 7.4 * caption(node).length);
      node.h = inner.height + 48;
    } else {
      const type = node.op.types[0] ? shortType(node.op.types[0]) : "";
      node.w = Math.max(64, 20 + 7.2 * Math.max(caption(node).length, 0.86 * type.length));
      node.h = type ? 38 : 26;
    }
  }
  const layers = assignLayers(block);
  orderLayers(layers);
  return placeLayers(layers);
}

const caption = (node) => shortName(node.op.op) + (node.op.op === "sinter.repeat" ? " × " + loopCount(node) : "");
const loopCount = (node) => (node.children.length ? node.children[0].op.runs / node.op.runs : "");

function assignLayers(block) {
  const inBlock = new Set(block);
  // Operands stand before users, so one walk each way is enough.
  for (const node of block)
    node.layer = node.edges.reduce((most, from) => Math.max(most, inBlock.has(from) ? from.layer + 1 : 0), 0);
  // What only stands between others (a barrier) is shown beside what follows it.
  block.forEach((node, index) => {
    if (index && !node.edges.length && !node.users.length && !node.op.types.length) node.layer = block[index - 1].layer + 1;
  });
  for (const node of [...block].reverse())
    if (!node.edges.length && node.users.length)
      node.layer = Math.max(0, Math.min(...node.users.map((user) => user.layer)) - 1);
  const layers = [];
  for (const node of block) (layers[node.layer] ||= []).push(node);
  return layers.filter(Boolean);
}

function orderLayers(layers) {
  layers.forEach((layer) => layer.forEach((node, index) => (node.rank = index)));
  const mean = (list, otherwise) => (list.length ? list.reduce((sum, n) => sum + n.rank, 0) / list.length : otherwise);
  for (let sweep = 0; sweep < 4; ++sweep) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      for (const node of layer) node.wanted = mean(down ? node.edges : node.users, node.rank);
      layer.sort((l, r) => l.wanted - r.wanted || l.op.id - r.op.id);
      layer.forEach((node, index) => (node.rank = index));
    }
  }
}

function placeLayers(layers) {
  const gapX = 22, gapY = 30;
  let y = 0;
  const centre = (node) => node.x + node.w / 2;
  const settle = (layer, neighbours) => {
    // Each node wants to stand below (above) its neighbours; who overlaps moves right, then all move back by the mean.
    let end = -Infinity, error = 0;
    for (const node of layer) {
      const near = neighbours(node);
      const wanted = near.length ? near.reduce((sum, n) => sum + centre(n), 0) / near.length - node.w / 2 : Math.max(node.x, end);
      node.x = Math.max(wanted, end);
      error += node.x - wanted;
      end = node.x + node.w + gapX;
    }
    const back = error / layer.length;
    for (const node of layer) node.x -= back;
  };
  for (const layer of layers) {
    let x = 0;
    for (const node of layer) {
      node.x = x;
      node.y = y;
      x += node.w + gapX;
    }
    for (const node of layer) node.x -= x / 2;
    y += Math.max(...layer.map((node) => node.h)) + gapY + Math.min(40, 2 * layer.length);
  }
  const known = new Set(layers.flat());
  const within = (list) => list.filter((node) => known.has(node));
  for (let sweep = 0; sweep < 3; ++sweep) {
    for (const layer of layers) settle(layer, (node) => within(node.edges));
    for (const layer of [...layers].reverse()) settle(layer, (node) => within(node.users));
  }
  for (const layer of layers) settle(layer, (node) => within(node.edges));
  let left = Infinity, right = -Infinity, bottom = 0;
  for (const node of known) {
    left = Math.min(left, node.x);
    right = Math.max(right, node.x + node.w);
    bottom = Math.max(bottom, node.y + node.h);
  }
  if (!known.size) return { width: 0, height: 0 };
  for (const node of known) node.x -= left;
  return { width: right - left, height: bottom };
}
