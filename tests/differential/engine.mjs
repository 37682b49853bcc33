// node engine.mjs JOB.json: plays answer sequences through the reference engine and prints its state after each step.
// The job: {modules, xform, folder, now, sequences | random: {seed, count, length, often, pools}}.
//  modules: a folder whose node_modules hold @getodk/xforms-engine and jsdom. folder: where attachments lie, or null.
//  never: nodes that are not to be answered.
//  now: the instant that the engine is to believe, milliseconds since 1970.
//  sequences: lists of steps {do: set|choose|add|remove, at, value|values}. random: let this program draw them.
// Prints one JSON line for the form, then one per sequence: {steps, states}; states[0] is the state at the start and
// states[k] holds the nodes that step k changed ({node: state | null when gone}).
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import fs from 'node:fs';

const job = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const proc = globalThis.process;
const say = (value) => fs.writeSync(1, JSON.stringify(value) + '\n');

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length) super(...given);
    else super(job.now);
  }
  static now() {
    return job.now;
  }
};
Math.random = () => 0.5;

// The published build takes a CommonJS-only path for its WebAssembly when it sees Node: hide `process` while it loads.
async function engineOf(modules) {
  const required = createRequire(path.join(modules, 'x.js'));
  const { JSDOM } = required('jsdom');
  const { window } = new JSDOM('<!doctype html>', { url: 'http://localhost/' });
  globalThis.window = window;
  for (const name of ['document', 'DOMParser', 'XMLSerializer', 'Node', 'Element', 'Document', 'XPathResult',
    'XMLDocument', 'Attr', 'Text', 'Comment', 'CDATASection', 'ProcessingInstruction', 'HTMLElement', 'NodeFilter',
    'DocumentFragment', 'CharacterData', 'localStorage'])
    if (window[name]) globalThis[name] = window[name];
  globalThis.process = undefined;
  const engine = await import(pathToFileURL(path.join(modules, 'node_modules/@getodk/xforms-engine/dist/index.js')).href);
  globalThis.process = proc;
  return engine;
}

async function attachment(resource) {
  const name = decodeURIComponent(String(resource).split('/').pop());
  const file = job.folder && path.join(job.folder, name);
  if (!file || !fs.existsSync(file)) return new Response('', { status: 404 });
  const kind = { '.csv': 'text/csv', '.xml': 'text/xml', '.geojson': 'application/geo+json' }[path.extname(name)];
  return new Response(fs.readFileSync(file, 'utf8'), { headers: { 'content-type': kind ?? 'text/plain' } });
}

function* nodesUnder(node) {
  for (const child of node.currentState.children ?? []) {
    yield child;
    yield* nodesUnder(child);
  }
}

const isRange = (node) => node.nodeType.startsWith('repeat-range');
const isLeaf = (node) => typeof node.getXPathValue === 'function' && node.currentState.children === null;

function stateOf(node) {
  const s = node.currentState;
  if (isRange(node)) return [s.relevant, s.children.length];
  const relevant = s.relevant;
  const options = s.valueOptions && relevant ? s.valueOptions.map((option) => option.value) : null;
  const constraint = node.validationState?.constraint?.valid ?? true;
  return [relevant, relevant && s.required, constraint, node.getXPathValue(), options];
}

function stateOfAll(root) {
  const all = new Map();
  for (const node of nodesUnder(root))
    if (isRange(node) || isLeaf(node)) all.set(node.currentState.reference + (isRange(node) ? '/*' : ''), stateOf(node));
  return all;
}

function changes(before, after) {
  const changed = {};
  for (const [name, state] of after) {
    const was = before.get(name);
    if (!was || JSON.stringify(was) !== JSON.stringify(state)) changed[name] = state;
  }
  for (const name of before.keys()) if (!after.has(name)) changed[name] = null;
  return changed;
}

function drawer(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { next, below, of: (list) => list[below(list.length)] };
}

const SETTABLE = new Set(['string', 'int', 'decimal', 'date', 'time', 'dateTime']);

function canAnswer(node) {
  const s = node.currentState;
  if (!s.relevant || s.readonly || node.definition?.bind?.calculate) return false;
  if (job.never.includes(s.reference.replace(/\[\d+\]/g, ''))) return false;
  if (node.nodeType === 'select' || node.nodeType === 'rank') return s.valueOptions.length > 0;
  if (node.nodeType === 'trigger' || node.nodeType === 'range') return true;
  return node.nodeType === 'input' && SETTABLE.has(node.valueType);
}

function shuffled(list, draw) {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = draw.below(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

function answerFor(node, draw, pools) {
  const at = node.currentState.reference;
  const tokens = (node.currentState.valueOptions ?? []).map((option) => option.value);
  const blank = draw.next() < 0.1;
  if (node.nodeType === 'rank') return { do: 'choose', at, values: blank ? [] : shuffled(new Set(tokens), draw) };
  if (node.nodeType === 'select') {
    if (blank) return { do: 'choose', at, values: [] };
    if (node.selectType === 'select1') return { do: 'choose', at, values: [draw.of(tokens)] };
    const some = tokens.filter(() => draw.next() < 2.5 / (tokens.length + 1));
    return { do: 'choose', at, values: some.length ? [...new Set(some)] : [draw.of(tokens)] };
  }
  if (node.nodeType === 'trigger') return { do: 'set', at, value: blank ? '' : 'OK' };
  if (blank) return { do: 'set', at, value: '' };
  if (node.nodeType === 'range') {
    const { start, end, step } = node.definition.bounds;
    const count = Math.max(1, Math.floor(Math.abs(Number(end) - Number(start)) / Number(step)) + 1);
    const sign = Number(end) < Number(start) ? -1 : 1;
    const value = Number((Number(start) + sign * draw.below(count) * Number(step)).toFixed(6));
    return { do: 'set', at, value: String(value) };
  }
  return { do: 'set', at, value: draw.of(pools[node.valueType]) };
}

// Draws a step that a visitor could take now: half of them on nodes that expressions look at.
function drawStep(root, draw, random) {
  const open = [], often = [], ranges = [];
  for (const node of nodesUnder(root)) {
    if (node.nodeType === 'repeat-range:uncontrolled' && node.currentState.relevant) ranges.push(node);
    if (!isLeaf(node) || !canAnswer(node)) continue;
    open.push(node);
    if (random.often.has(node.currentState.reference.split('/').pop())) often.push(node);
  }
  if (ranges.length && draw.next() < 0.15) {
    const range = draw.of(ranges), at = range.currentState.reference, count = range.currentState.children.length;
    if (count > (random.least ?? 0) && draw.next() < 0.35) return { do: 'remove', at };
    if (count < 4) return { do: 'add', at };
  }
  if (!open.length) return null;
  return answerFor(draw.of(often.length && draw.next() < 0.5 ? often : open), draw, random.pools);
}

function take(root, step) {
  let found = null;
  for (const node of nodesUnder(root)) {
    if (node.currentState.reference !== step.at) continue;
    if ((step.do === 'add' || step.do === 'remove') !== isRange(node)) continue;
    found = node;
    break;
  }
  if (!found) throw new Error(`no node ${step.at}`);
  if (step.do === 'add') found.addInstances();
  else if (step.do === 'remove') found.removeInstances(found.currentState.children.length - 1, 1);
  else if (found.nodeType === 'rank') found.setValues(step.values);
  else if (found.nodeType === 'select') found.selectValues(step.values);
  else if (found.nodeType === 'trigger') found.setValue(step.value === 'OK');
  else if (found.nodeType === 'range') found.setValue(step.value === '' ? null : step.value);
  else if (found.valueType === 'date') found.setValue(step.value === '' ? null : step.value);
  else found.setValue(step.value);
}

function play(form, next, count) {
  const { root } = form.createInstance();
  let state = stateOfAll(root);
  const out = { steps: [], states: [Object.fromEntries(state)] };
  for (let k = 0; k < count; k++) {
    try {
      const step = next(root, k);
      if (!step) break;
      take(root, step);
      const after = stateOfAll(root);
      out.steps.push(step);
      out.states.push(changes(state, after));
      state = after;
    } catch (error) {
      out.stopped = String(error?.message ?? error).slice(0, 300);
      break;
    }
  }
  return out;
}

const engine = await engineOf(job.modules);
try {
  const load = async () => {
    const loaded = await engine.loadForm(fs.readFileSync(job.xform, 'utf8'),
      { fetchFormAttachment: attachment, missingResourceBehavior: 'BLANK' });
    if (loaded.status === 'failure') throw loaded.error;
    return loaded;
  };
  let form = await load();
  const { root } = form.createInstance();
  const nodes = {};
  for (const node of nodesUnder(root))
    if (isLeaf(node)) nodes[node.currentState.reference] = { type: node.nodeType, value: node.valueType ?? null, calculated: !!node.definition?.bind?.calculate };
  say({ nodes });
  if (job.sequences) for (const steps of job.sequences) say(play(form, (_root, k) => steps[k], steps.length));
  else {
    const random = { ...job.random, often: new Set(job.random.often) };
    for (let n = 0; n < random.count; n++) {
      if (n && n % 20 === 0) form = await load(); // a form holds on to all its instances, and grows slow with them
      const draw = drawer(random.seed * 1000003 + n);
      say(play(form, (at) => drawStep(at, draw, random), random.length));
    }
  }
} catch (error) {
  say({ refused: String(error?.message ?? error).slice(0, 500) });
}
proc.exit(0);
