// What Quayside is built on: the crates of Cargo.lock and the packages of package-lock.json.
//
//   node scripts/dependencies.mjs check       licences, sources and bans against deny.toml; works offline
//   node scripts/dependencies.mjs bom FILE    a bill of materials (CycloneDX 1.5, JSON) of what a package contains
//
// `check` judges what `cargo deny check licenses bans sources` judges, from the same file, without the minutes that
// building cargo-deny takes, and the interface's packages besides; releases run cargo-deny itself, with advisories
// (docs/decisions/0013-dependencies.md). Left out: reading licence texts. A crate that names its licence only in a
// file is listed below by hand.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** No licence in their manifest; somebody read the text beside it. */
const READ_BY_HAND = { "jsonpath-rust": "MIT", "svelte-toolbelt": "MIT" };
/** Beyond deny.toml: a font that is not linked with anything, and what only builds or tests the interface. */
const FONTS = ["OFL-1.1"];
const TOOLS = ["BlueOak-1.0.0", "0BSD"];

const deny = readFileSync("deny.toml", "utf8");
const list = (name) => {
  const body = deny.match(new RegExp(`^${name}\\s*=\\s*\\[([^\\]]*)\\]`, "m"));
  return [...(body?.[1] ?? "").replace(/#.*$/gm, "").matchAll(/"([^"]+)"/g)].map((match) => match[1]);
};
const allowed = list("allow");
const registries = ["registry+https://github.com/rust-lang/crates.io-index", ...list("allow-registry")];
const banned = [...deny.matchAll(/^\s*\{\s*(?:name|crate)\s*=\s*"([^"]+)"/gm)].map((match) => match[1]);

function metadata(...flags) {
  const run = (more) =>
    JSON.parse(
      execFileSync("cargo", ["metadata", "--format-version", "1", "--locked", ...flags, ...more], {
        maxBuffer: 1 << 28,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  try {
    return run(["--offline"]);
  } catch {
    // A clone that never built for another system has not seen that system's crates.
    return run([]);
  }
}

function packages() {
  const lock = JSON.parse(readFileSync("ui/package-lock.json", "utf8"));
  return Object.entries(lock.packages)
    .filter(([path]) => path.startsWith("node_modules/"))
    .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf("node_modules/") + 13), ...entry }));
}

/** Whether an SPDX expression can be met with what is allowed. "A/B" is how older crates write "A OR B". */
export function permits(expression, licences) {
  const words = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const one = () => {
    if (words[at] === "(") {
      at += 1;
      const inner = any();
      if (words[at] !== ")") throw new Error(`"${expression}" is no licence expression`);
      at += 1;
      return inner;
    }
    let name = words[at] ?? "";
    at += 1;
    if (words[at] === "WITH") {
      name += ` WITH ${words[at + 1] ?? ""}`;
      at += 2;
    }
    return licences.includes(name);
  };
  const all = () => {
    let holds = one();
    while (words[at] === "AND") {
      at += 1;
      const next = one();
      holds = holds && next;
    }
    return holds;
  };
  const any = () => {
    let holds = all();
    while (words[at] === "OR") {
      at += 1;
      const next = all();
      holds = holds || next;
    }
    return holds;
  };
  const holds = any();
  if (at !== words.length) throw new Error(`"${expression}" is no licence expression`);
  return holds;
}

function check() {
  const wrong = [];
  const licence = (name, version, said, licences) => {
    const expression = said ?? READ_BY_HAND[name];
    if (!expression) wrong.push(`${name} ${version} names no licence`);
    else if (!permits(expression, licences)) wrong.push(`${name} ${version}: the licence ${expression} is not allowed`);
  };
  const { packages: crates, workspace_members: own } = metadata();
  const members = crates.filter((crate) => own.includes(crate.id));
  for (const crate of crates) {
    if (banned.includes(crate.name)) wrong.push(`${crate.name} ${crate.version} is banned in deny.toml`);
    if (own.includes(crate.id)) continue;
    licence(crate.name, crate.version, crate.license, allowed);
    if (!registries.includes(crate.source)) wrong.push(`${crate.name} ${crate.version} comes from ${crate.source ?? "a path"}`);
  }
  for (const crate of members) {
    for (const on of crate.dependencies) {
      if (on.req === "*" && !on.path) wrong.push(`${crate.name} takes any version of ${on.name}`);
    }
  }
  const others = packages();
  for (const { name, version, license, dev, resolved, integrity, link } of others) {
    licence(name, version, license, [...allowed, ...FONTS, ...(dev ? TOOLS : [])]);
    if (link || !integrity) wrong.push(`${name} ${version} has no checksum in package-lock.json`);
    if (resolved && new URL(resolved).host !== "registry.npmjs.org") wrong.push(`${name} ${version} comes from ${resolved}`);
  }
  if (allowed.length === 0 || crates.length < 100 || others.length < 100) {
    wrong.push("deny.toml or the lists of dependencies could not be read: hardly anything was checked");
  }
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) {
    console.error(`${wrong.length} of ${crates.length + others.length} dependencies cannot be built on. Replace them, or say in deny.toml why they may stay.`);
    process.exit(1);
  }
  console.log(`${crates.length - members.length} crates and ${others.length} packages: licences, sources and bans are as deny.toml wants them.`);
}

/** Crates that end up in the programs: not those that only tests or other systems use. */
function linked() {
  const host = execFileSync("rustc", ["-vV"], { encoding: "utf8" }).match(/^host: (.*)$/m)[1];
  const { packages: crates, resolve } = metadata("--filter-platform", host);
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const byId = new Map(crates.map((crate) => [crate.id, crate]));
  const roots = crates.filter((crate) => crate.source === null && ["quayside", "quayside-cli"].includes(crate.name));
  const found = new Map();
  const queue = roots.map((crate) => crate.id);
  while (queue.length > 0) {
    const id = queue.pop();
    if (found.has(id)) continue;
    const on = nodes
      .get(id)
      .deps.filter((dep) => dep.dep_kinds.some((kind) => kind.kind !== "dev"))
      .map((dep) => dep.pkg);
    found.set(id, on);
    queue.push(...on);
  }
  return { byId, found, version: roots[0].version };
}

function bom(file) {
  const { byId, found, version } = linked();
  const lock = readFileSync("Cargo.lock", "utf8");
  const checksum = new Map(
    [...lock.matchAll(/name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]+)"/g)].map((match) => [
      `${match[1]} ${match[2]}`,
      match[3],
    ]),
  );
  const ref = (crate) => `pkg:cargo/${crate.name}@${crate.version}`;
  const crates = [...found.keys()].map((id) => byId.get(id));
  const components = crates.map((crate) => {
    const hash = checksum.get(`${crate.name} ${crate.version}`);
    const expression = (crate.license ?? READ_BY_HAND[crate.name])?.replaceAll(/\s*\/\s*/g, " OR ");
    return {
      type: crate.source === null ? "application" : "library",
      "bom-ref": ref(crate),
      name: crate.name,
      version: crate.version,
      purl: ref(crate),
      ...(crate.description && { description: crate.description.trim() }),
      ...(expression && { licenses: [{ expression }] }),
      ...(hash && { hashes: [{ alg: "SHA-256", content: hash }] }),
      ...(crate.repository && { externalReferences: [{ type: "vcs", url: crate.repository }] }),
    };
  });
  for (const { name, version: is, license, dev, integrity } of packages()) {
    const purl = `pkg:npm/${name.replace("@", "%40")}@${is}`;
    const [algorithm, digest] = integrity.split("-");
    components.push({
      type: "library",
      "bom-ref": purl,
      name,
      version: is,
      purl,
      // Svelte is compiled into the interface, though npm counts it among the tools.
      scope: dev && name !== "svelte" ? "excluded" : "required",
      licenses: [{ expression: license ?? READ_BY_HAND[name] }],
      hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(digest, "base64").toString("hex") }],
    });
  }
  // Two versions of one npm package may lie in several folders: one component each.
  const unique = [...new Map(components.map((component) => [component["bom-ref"], component])).values()];
  unique.sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  const dependencies = [...found].map(([id, on]) => ({
    ref: ref(byId.get(id)),
    dependsOn: [...new Set(on.map((dep) => ref(byId.get(dep))))].sort(),
  }));
  dependencies.sort((a, b) => (a.ref < b.ref ? -1 : 1));
  // No time in it and a serial number made of the content: the same sources give the same file.
  const name = createHash("sha256").update(JSON.stringify(unique)).digest("hex");
  const serial = `${name.slice(0, 8)}-${name.slice(8, 12)}-5${name.slice(13, 16)}-a${name.slice(17, 20)}-${name.slice(20, 32)}`;
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      component: { type: "application", "bom-ref": "quayside", name: "Quayside", version, licenses: [{ expression: "Apache-2.0 OR MIT" }] },
    },
    components: unique,
    dependencies: [
      { ref: "quayside", dependsOn: [`pkg:cargo/quayside@${version}`, `pkg:cargo/quayside-cli@${version}`] },
      ...dependencies,
    ],
  };
  writeFileSync(file, `${JSON.stringify(document, null, 1)}\n`);
  console.log(`${unique.length} components are listed in ${file}.`);
}

const [task, file] = process.argv.slice(2);
if (task === "check") check();
else if (task === "bom" && file) bom(file);
else {
  console.error("dependencies: check, or bom FILE");
  process.exit(64);
}
