// Runs the worst hour (src-tauri/crates/simulator/benches/peak.rs) and writes its figures into docs/reliability.md, between the
// two marks. QUAYSIDE_PEAK_ORDERS for fewer orders than twenty thousand; --print only prints.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const page = new URL("../docs/reliability.md", import.meta.url);
const [from, to] = ["<!-- peak: figures -->", "<!-- peak: end -->"];

const said = execFileSync("cargo", ["bench", "--locked", "-p", "quayside-simulator", "--bench", "peak"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
const rows = said
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line));
const all = rows.find((row) => row.bench === "peak");
const lines = rows.filter((row) => row.bench === "peak_line");
if (!all || lines.length === 0) throw new Error(`The bench printed no figures:\n${said}`);

const day = new Date().toISOString().slice(0, 10);
const percent = (share) => `${Math.round(share * 100)} %`;
const table = [
  `Run on ${day} (${cpus().length} cores): ${all.orders} orders, bought over ${all.over_minutes} minutes. All of them were at their`,
  `hub after ${all.in_hubs_minutes} minutes and told to their stores after ${all.told_minutes}, in ${all.calls} calls; ${all.throttled} of these were one too`,
  `many, ${all.unfinished} changes were left over, and ${all.overtaken} orders were overtaken by one that was due later.`,
  "",
  "| account | waited at most | longest wait | estimates looked at | off on average | off at worst |",
  "| --- | ---: | ---: | ---: | ---: | ---: |",
  ...lines.map(
    (row) =>
      `| ${row.account} | ${row.waiting_at_most} changes | ${row.longest_minutes} min | ${row.samples} | ${percent(row.off_mean)} | ${percent(row.off_worst)} |`,
  ),
].join("\n");

console.log(table);
if (!process.argv.includes("--print")) {
  const text = readFileSync(page, "utf8");
  const [begin, end] = [text.indexOf(from), text.indexOf(to)];
  if (begin < 0 || end < begin) throw new Error(`${page.pathname} has no place for them: ${from} … ${to}`);
  writeFileSync(page, `${text.slice(0, begin + from.length)}\n${table}\n${text.slice(end)}`);
}
