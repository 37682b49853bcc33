// node form_engines.mjs PACKAGES CHROMIUM xforms|enketo|lforms FORM SIZE LOADS FILL
// Loads a form LOADS times in a page of its own; with FILL 1 fills it in, then changes 40 answers. Prints one line of
// JSON: {load: [ms], edit: [ms], total_ok} or {error}. Times are taken inside the page.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [packages, chromiumPath, engine, formPath, size, loads, fill] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(packages), 'start.js'));
const esbuild = require('esbuild');
const { chromium } = require('playwright-core');
const at = (...parts) => path.join(path.resolve(packages), 'node_modules', ...parts);

// What is the same for every engine: `open(text)` gives {set(i, value), total()}; set returns when total() is right.
const STEPS = `
window.measure = async (text, size, loads, fill) => {
  const out = { load: [], edit: [] }; let form;
  for (let k = 0; k < loads; k++) { const t = performance.now(); form = await open(text); out.load.push(performance.now() - t); }
  if (!fill) return out;
  let want = 0; const value = (i) => (i % 9) + 1;
  for (let i = 1; i <= size; i++) { await form.set(i, value(i)); want += value(i); }
  for (let k = 0; k < 40; k++) {
    const i = 1 + Math.floor(k * (size - 1) / 39), t = performance.now();
    await form.set(i, 7 + (k % 2)); out.edit.push(performance.now() - t);
    want += 7 + (k % 2) - value(i);
  }
  out.total_ok = form.total() === want; return out;
};
window.ready = true;`;

const XFORMS = `
import * as odk from '@getodk/xforms-engine';
const open = async (text) => {
  const { root } = await odk.createInstance(text);
  const nodes = new Map(root.currentState.children.map((n) => [n.currentState.reference.split('/').pop(), n]));
  const total = nodes.get('total');
  return {
    set(i, v) { nodes.get('q' + i).setValue(BigInt(v)); total.currentState.value; },
    total: () => Number(total.currentState.value || 0),
  };
};` + STEPS;

const ENKETO = `
import { Form } from 'enketo-core';
import { transform } from 'enketo-transformer/web';
let prepared;  // the transformation to HTML is a server's work in Enketo, so it is not part of loading
const open = async (text) => {
  prepared ??= await transform({ xform: text });
  document.body.innerHTML = prepared.form;
  const view = document.querySelector('form.or');
  const form = new Form(view, { modelStr: prepared.model, external: [] }, {});
  form.init();
  const inputs = new Map([...view.querySelectorAll('input[name]')].map((n) => [n.name.split('/').pop(), n]));
  return {
    set(i, v) { const n = inputs.get('q' + i); n.value = String(v); n.dispatchEvent(new Event('change', { bubbles: true })); },
    total: () => Number(form.model.xml.querySelector('total').textContent || 0),
  };
};` + STEPS;

const LFORMS = `
const open = async (text) => {
  const data = new LForms.LFormsData(LForms.Util.convertFHIRQuestionnaireToLForms(JSON.parse(text), 'R4'));
  const items = new Map(data.itemList.map((n) => [n.linkId, n]));
  const work = async (first) => { await data._expressionProcessor.runCalculations(first); data._checkFormControls(); };
  await work(true);
  data._hasResponsiveExpr = false;  // its own timer would run the expressions later; here they are awaited
  return {
    async set(i, v) { const n = items.get('q' + i); n.value = v; data.updateOnSourceItemChange(n); await work(false); },
    total: () => Number(items.get('total').value ?? 0),
  };
};` + STEPS;

async function bundled(source, extra = {}) {
  const made = await esbuild.build({
    stdin: { contents: source, resolveDir: path.resolve(packages), loader: 'js' },
    bundle: true, write: false, format: 'esm', target: 'esnext', logLevel: 'error', loader: { '.wasm': 'dataurl' }, ...extra,
  });
  return made.outputFiles[0].text;
}

const served = new Map();
const scripts = [];
let browser, server, scratch;
try {
  if (engine === 'xforms') {
    served.set('/main.js', await bundled(XFORMS, { platform: 'neutral', mainFields: ['browser', 'module', 'main'], external: ['fs', 'path'] }));
  } else if (engine === 'enketo') {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'peer-'));
    const none = path.join(scratch, 'none.js');
    fs.writeFileSync(none, 'export default [];');
    const core = at('enketo-core');
    const swaps = JSON.parse(fs.readFileSync(path.join(core, 'package.json'))).browser;
    const alias = Object.fromEntries(Object.entries(swaps).map(([name, file]) => [name, path.join(core, file)]));
    served.set('/main.js', await bundled(ENKETO, { platform: 'browser', alias: { ...alias, libxslt: none, 'enketo/widgets': none } }));
  } else {
    const base = at('lforms', 'dist', 'lforms');
    served.set('/lhc.js', fs.readFileSync(path.join(base, 'webcomponent', 'lhc-forms.js')));
    served.set('/fhir.js', fs.readFileSync(path.join(base, 'fhir', 'lformsFHIRAll.min.js')));
    scripts.push('/lhc.js', '/fhir.js');
    served.set('/main.js', LFORMS);
  }
  const tags = scripts.map((url) => `<script src="${url}"></script>`).join('');
  const page_ = `<!doctype html><meta charset="utf-8"><body></body>${tags}<script type="module" src="/main.js"></script>`;
  server = http.createServer((request, reply) => {
    const found = request.url.split('?')[0] === '/' ? page_ : served.get(request.url);
    reply.writeHead(found ? 200 : 404, { 'content-type': request.url.endsWith('.js') ? 'text/javascript' : 'text/html' });
    reply.end(found ?? '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  const seen = [];
  page.on('pageerror', (problem) => seen.push(String(problem).slice(0, 200)));
  await page.goto(`http://127.0.0.1:${server.address().port}/?excludeNonRelevant`);
  await page.waitForFunction('window.ready === true', null, { timeout: 60000 }).catch(() => { throw new Error(seen[0] ?? 'the engine did not start'); });
  const text = fs.readFileSync(formPath, 'utf8');
  const out = await page.evaluate(([t, s, l, f]) => window.measure(t, s, l, f), [text, Number(size), Number(loads), fill === '1']);
  console.log(JSON.stringify(out));
} catch (problem) {
  console.log(JSON.stringify({ error: String(problem?.message ?? problem).split('\n')[0].slice(0, 300) }));
} finally {
  await browser?.close();
  server?.close();
  if (scratch) fs.rmSync(scratch, { recursive: true, force: true });
}
