// ODK's own web engine fills forms and sends them as Collect does: list, hash, attachments, fill, HEAD, POST.
// stdin: {base, fills: [{form, language, person, answers}]}; stdout: one JSON object. Node 18 or newer.
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.CLIENT_MODULES;
const require_ = createRequire(join(modules, "package.json"));
const { JSDOM } = require_("jsdom");
const dom = new JSDOM("", { url: "https://phone.example/" });
// fetch and its FormData and File are Node's own; the rest of a browser comes from jsdom.
for (const name of ["window", "document", "DOMParser", "XMLSerializer", "Node", "Element", "Document", "Attr", "Text",
  "XPathResult", "XPathEvaluator", "XPathExpression", "XMLDocument", "NodeFilter", "CharacterData", "Comment", "CDATASection",
  "ProcessingInstruction", "HTMLElement", "localStorage", "StaticRange"]) {
  if (!(name in globalThis) && name in dom.window) globalThis[name] = dom.window[name];
}
globalThis.window = globalThis.window || dom.window;
globalThis.require = require_;
globalThis.__dirname = modules;
const engine = await import(pathToFileURL(join(modules, "node_modules/@getodk/xforms-engine/dist/index.js")).href);

const { base, fills } = JSON.parse(readFileSync(0, "utf8"));
const headers = { "X-OpenRosa-Version": "1.0", Date: new Date().toUTCString() };
const md5 = (bytes) => "md5:" + createHash("md5").update(bytes).digest("hex");
const parse = (text) => new dom.window.DOMParser().parseFromString(text, "text/xml");
const said = (element, name) => element.getElementsByTagName(name)[0]?.textContent ?? "";

async function get(url) {
  const answer = await fetch(url, { headers });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function list() {
  const { answer, bytes } = await get(`${base}/formList`);
  if (answer.headers.get("x-openrosa-version") !== "1.0") throw new Error("formList without its version");
  if (!answer.headers.get("content-type").startsWith("text/xml")) throw new Error("formList is not text/xml");
  return [...parse(bytes.toString()).getElementsByTagName("xform")].map((one) => ({
    form: said(one, "formID"), hash: said(one, "hash"), url: said(one, "downloadUrl"), manifest: said(one, "manifestUrl"),
    name: said(one, "name"), version: said(one, "version"),
  }));
}

async function files(url) {
  const { answer, bytes } = await get(url);
  if (answer.headers.get("x-openrosa-version") !== "1.0") throw new Error("manifest without its version");
  const found = {};
  for (const one of parse(bytes.toString()).getElementsByTagName("mediaFile")) {
    const got = await get(said(one, "downloadUrl"));
    if (md5(got.bytes) !== said(one, "hash")) throw new Error("a file is not what its hash says");
    found[said(one, "filename")] = { bytes: got.bytes, type: one.getAttribute("type"), kind: got.answer.headers.get("content-type") };
  }
  return found;
}

function* nodes(node) {
  yield node;
  for (const child of node.currentState.children ?? []) yield* nodes(child);
}

function value(root, name, text) {
  const node = [...nodes(root)].find((one) => one.currentState.reference.endsWith(`/${name}`));
  if (!node) throw new Error(`no question ${name}`);
  if (!node.currentState.relevant) throw new Error(`${name} is not asked`);
  if (node.nodeType === "select") {
    if (!node.currentState.valueOptions.some((one) => one.value === text)) throw new Error(`${name} has no answer ${text}`);
    node.selectValue(text);
  } else node.setValue(text);
}

async function post(xml, name = "xml_submission_file") {
  const body = new FormData();
  body.append(name, new Blob([xml], { type: "text/xml" }), "submission.xml");
  const answer = await fetch(`${base}/submission`, { method: "POST", headers, body });
  return { status: answer.status, said: said(parse(await answer.text()), "message") };
}

async function fill({ form, language, person, answers, edit }) {
  const one = (await list()).find((row) => row.form === form);
  const { bytes } = await get(one.url);
  if (md5(bytes) !== one.hash) throw new Error("the form is not what its hash says");
  const attached = await files(one.manifest);
  const instance = await engine.createInstance(bytes.toString(), {
    form: {
      fetchFormAttachment: async (url) => {
        const found = attached[String(url).split("/").pop()];
        return new Response(found.bytes, { status: 200, headers: { "content-type": found.kind } });
      },
    },
  });
  const root = instance.root;
  const wanted = root.languages.find((known) => known.language?.includes(`(${language})`));
  if (wanted) root.setLanguage(wanted);
  const shown = [...nodes(root)].find((node) => node.currentState.reference.endsWith("/person"));
  const people = shown.currentState.valueOptions.map((option) => option.label?.asString ?? option.label);
  value(root, "person", person);
  const language_ = [...nodes(root)].find((node) => node.currentState.reference.endsWith("/asked_in"));
  if (language_.nodeType === "select") language_.selectValue(language);
  for (const [name, text] of Object.entries(answers)) value(root, name, text);
  const cards = [...nodes(root)].filter((node) => /\/now_\d+$/.test(node.currentState.reference) && node.currentState.relevant)
    .map((node) => node.currentState.label?.asString ?? "");
  const first = [...nodes(root)].find((node) => node.currentState.reference.endsWith(`/${Object.keys(answers)[0]}`));
  const payload = await root.prepareInstancePayload();
  let xml = await payload.data[0].get("xml_submission_file").text();
  return { xml, people, cards, asked: first.currentState.label?.asString ?? "", status: payload.status, types: Object.fromEntries(Object.entries(attached).map(([name, file]) => [name, file.type])) };
}

const told = { list: await list(), sent: [] };
const head = await fetch(`${base}/submission`, { method: "HEAD", headers });
told.head = { status: head.status, most: head.headers.get("x-openrosa-accept-content-length"), version: head.headers.get("x-openrosa-version") };
for (const plan of fills) {
  const done = await fill(plan);
  const first = await post(done.xml);
  const again = await post(done.xml);
  const changed = await post(done.xml.replace(/(<q1[^>]*>)[^<]*(<)/, "$13$2"));
  const id = /instanceID[^>]*>([^<]+)</.exec(done.xml)[1];
  const edited = done.xml.replace(/(<([\w:]*)instanceID[^>]*>)[^<]+(<\/[\w:]*instanceID>)/,
    (_all, open, prefix, close) => `${open}uuid:${crypto.randomUUID()}${close}<${prefix}deprecatedID>${id}</${prefix}deprecatedID>`);
  told.sent.push({ ...plan, ...done, first, again, changed, edited: plan.edit ? await post(edited) : null,
    unknownForm: await post(done.xml.replace(/ id="[^"]+"/, ' id="nothing-known"')),
    unknownVersion: await post(done.xml.replace(/ version="[^"]+"/, ' version="never-offered"')),
    noPart: await post(done.xml, "another_part") });
}
console.log(JSON.stringify(told));
process.exit(0);
