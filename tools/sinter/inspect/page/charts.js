// The memory plan over time, and the roofline of the kernels.

const SVG = "http://www.w3.org/2000/svg";
function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function bytes(count) {
  for (const unit of ["bytes", "kB", "MB", "GB"]) {
    if (Math.abs(count) < 1000 || unit === "GB") return (unit === "bytes" ? Math.round(count) : count.toPrecision(3)) + " " + unit;
    count /= 1000;
  }
}
function number(count) {
  for (const unit of ["", " thousand", " million", " billion"]) {
    if (Math.abs(count) < 1000 || unit === " billion") return (unit ? count.toPrecision(3) : Math.round(count)) + unit;
    count /= 1000;
  }
}

const hue = (index) => `hsl(${(index * 137.5) % 360} 45% 58%)`;

function memoryChart(plan) {
  const width = 860, height = 420, left = 74, bottom = 34, top = 8;
  const x = (phase) => left + ((width - left - 8) * phase) / plan.phases;
  const y = (offset) => top + (height - top - bottom) * (1 - offset / Math.max(1, plan.arena));
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Buffers of the arena over time", width });
  for (let part = 0; part <= 4; ++part) {
    const offset = (plan.arena * part) / 4;
    chart.append(svg("line", { class: "axis", x1: left, x2: width - 8, y1: y(offset), y2: y(offset) }),
                 svg("text", { class: "soft", x: left - 8, y: y(offset) + 4, "text-anchor": "end" }, bytes(offset)));
  }
  const step = Math.max(1, Math.ceil(plan.phases / 24));
  for (let phase = 0; phase < plan.phases; phase += step)
    chart.append(svg("text", { class: "soft", x: (x(phase) + x(phase + 1)) / 2, y: height - 18, "text-anchor": "middle" }, String(phase)));
  chart.append(svg("text", { class: "soft", x: (left + width) / 2, y: height - 3, "text-anchor": "middle" }, "phase: what runs between two barriers"));
  plan.buffers.forEach((buffer, index) => {
    for (const [first, last] of buffer.phases) {
      const w = x(last + 1) - x(first), h = y(buffer.offset) - y(buffer.offset + buffer.size);
      chart.append(svg("rect", { class: "buffer", x: x(first), y: y(buffer.offset + buffer.size), width: w, height: Math.max(1, h), fill: hue(index) },
        svg("title", {}, `${shortName(buffer.name)}: ${bytes(buffer.size)} at ${buffer.offset}, phases ${first} to ${last}`)));
      if (h > 14 && w > 60)
        chart.append(svg("text", { x: x(first) + 5, y: y(buffer.offset + buffer.size) + 13, style: "pointer-events: none; fill: #16181b" }, shortName(buffer.name)));
    }
  });
  return chart;
}

function rooflineChart(kernels, peak, bandwidth, onPick) {
  const width = 860, height = 430, left = 84, bottom = 44, top = 12;
  const intensities = kernels.map((kernel) => Math.max(kernel.intensity, 0.01));
  const low = Math.min(0.05, ...intensities) / 2, high = Math.max(1000, (4 * peak) / bandwidth, ...intensities) * 2;
  const best = peak * 1e9, floor = (low * bandwidth * 1e9) / 2;
  const log = (value, from, to) => Math.log(value / from) / Math.log(to / from);
  const x = (value) => left + (width - left - 12) * log(value, low, high);
  const y = (value) => height - bottom - (height - bottom - top) * log(value, floor, best * 2);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Roofline of the kernels", width });
  for (let power = Math.ceil(Math.log10(low)); power <= Math.log10(high); ++power)
    chart.append(svg("line", { class: "axis", x1: x(10 ** power), x2: x(10 ** power), y1: top, y2: height - bottom }),
                 svg("text", { class: "soft", x: x(10 ** power), y: height - bottom + 15, "text-anchor": "middle" }, String(+(10 ** power).toPrecision(1))));
  for (let power = Math.ceil(Math.log10(floor)); power <= Math.log10(best * 2); ++power)
    chart.append(svg("line", { class: "axis", x1: left, x2: width - 12, y1: y(10 ** power), y2: y(10 ** power) }),
                 svg("text", { class: "soft", x: left - 8, y: y(10 ** power) + 4, "text-anchor": "end" }, number(10 ** power) + "/s"));
  chart.append(svg("text", { class: "soft", x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, "operations per byte moved"));
  const knee = peak / bandwidth;
  chart.append(svg("path", { class: "roof", d: `M${x(low)},${y(low * bandwidth * 1e9)} L${x(knee)},${y(best)} L${x(high)},${y(best)}` }));
  const most = Math.max(...kernels.map((kernel) => kernel.cost.bytes * kernel.runs), 1);
  kernels.forEach((kernel, index) => {
    const at = intensities[index], rate = Math.min(best, at * bandwidth * 1e9);
    const point = svg("circle", { class: "point", tabindex: 0, cx: x(at), cy: y(Math.max(rate, floor)), r: 4 + 12 * Math.sqrt((kernel.cost.bytes * kernel.runs) / most) },
      svg("title", {}, `${shortName(kernel.name)} × ${kernel.runs}: ${bytes(kernel.cost.bytes)}, ${number(kernel.cost.operations)} operations, ${at.toPrecision(3)} a byte`));
    point.addEventListener("click", () => onPick(kernel));
    chart.append(point);
  });
  return chart;
}
