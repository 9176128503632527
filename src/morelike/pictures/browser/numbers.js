"use strict";
// Numbers of a picture: their format, the ticks of an axis, and colours between the stops of a scale.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function powerOfTen(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

function grouped(text) {
  const [whole, ...rest] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

// Very small and very large numbers are written as powers of ten, never with letters such as "n" or "µ".
function short(value, digits) {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 6) return grouped(String(Number(value.toPrecision(digits))));
  const mantissa = Number((value / 10 ** exponent).toPrecision(digits));
  return mantissa === 1 ? powerOfTen(exponent) : `${mantissa}·${powerOfTen(exponent)}`;
}

// Formats a number by the part of d3's format language that the pictures use: `,.0f`, `.1%`, `.3g`, `~g`, `,`.
function formatNumber(value, format = "") {
  const [, flags, digits, type] = /^([,~]*)(?:\.(\d+))?([fg%]?)$/.exec(format);
  const places = digits === undefined ? undefined : Number(digits);
  const text =
    type === "%" ? `${(100 * value).toFixed(places ?? 0)}%`
    : type === "f" ? value.toFixed(places ?? 6)
    : short(value, places ?? 6);
  return (flags.includes(",") ? grouped(text) : text).replace("-", "−");
}

// Returns 1, 2 or 5 times a power of ten: the least step that divides a span into at most `count` intervals.
function niceStep(span, count) {
  const rough = span / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9));
}

function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

// The exponents of ten on a logarithmic axis. A short axis gets 2 and 5 too.
function logTicks(low, high, most) {
  const factors = high - low < 1.2 ? [1, 2, 5] : high - low < 2.5 ? [1, 3] : [1];
  const powers = multiples(Math.floor(low), Math.ceil(high), Math.max(1, Math.ceil((high - low) / most)));
  const ticks = powers.flatMap((power) => factors.map((factor) => power + Math.log10(factor)));
  return ticks.filter((tick) => tick >= low - 1e-9 && tick <= high + 1e-9);
}

// Formats the ticks of a linear axis alike: as many decimals as their step needs, or one power of ten for all.
function tickTexts(ticks, step, format) {
  if (format) return ticks.map((tick) => formatNumber(tick, format));
  const largest = Math.max(...ticks.map(Math.abs));
  const texts = ticks.map((tick) => (tick === 0 ? "0" : ""));
  if (largest && (largest < 1e-3 || largest >= 1e6)) return ticks.map((tick, i) => texts[i] || short(tick, 2).replace("-", "−"));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return ticks.map((tick, i) => texts[i] || grouped(tick.toFixed(decimals)).replace(/^-/, "−"));
}

function channels(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join("") : colour.slice(1);
  return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16));
}

function mixed(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const from = Math.min(Math.floor(at), stops.length - 2);
  const [low, high] = [channels(stops[from]), channels(stops[from + 1])];
  const hex = (value) => Math.round(value).toString(16).padStart(2, "0");
  return `#${low.map((value, i) => hex(value + (at - from) * (high[i] - value))).join("")}`;
}

function luminance(colour) {
  const [red, green, blue] = channels(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Black or white: one of them has a contrast of at least 4.58 on any colour.
function inkOn(colour) {
  const light = luminance(colour) + 0.05;
  return light / 0.05 >= 1.05 / light ? "#000000" : "#ffffff";
}
