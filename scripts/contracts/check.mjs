// node check.mjs ASYNCAPI.json CATALOGUE: the official parser, linter and SDK over what export_contracts wrote.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { Parser } from "@asyncapi/parser";

const require = createRequire(import.meta.url);
const [asyncapi, catalogue] = process.argv.slice(2).map((path) => resolve(path));
const WARNING = 1; // of the parser's severities: 0 error, 1 warning, 2 information, 3 hint
let problems = 0;

function tell(problem) {
  problems += 1;
  console.error(`  ${problem}`);
}

async function parse() {
  const { document, diagnostics } = await new Parser().parse(readFileSync(asyncapi, "utf8"), { source: asyncapi });
  for (const found of diagnostics.filter((one) => one.severity <= WARNING)) {
    tell(`asyncapi: ${found.message} at ${found.path.join(".")} (${found.code})`);
  }
  if (!document) return tell("asyncapi: not a document at all");
  const counts = [document.channels(), document.operations(), document.messages()].map((all) => all.all().length);
  console.log(`AsyncAPI: ${counts[0]} channels, ${counts[1]} operations, ${counts[2]} messages.`);
}

function lint() {
  const linter = join(dirname(require.resolve("@eventcatalog/linter")), "cli", "index.js");
  try {
    const said = execFileSync(process.execPath, [linter, "--fail-on-warning", catalogue], { encoding: "utf8", stdio: "pipe" });
    console.log(`EventCatalog linter: ${said.split("\n").find((line) => line.includes("No problems"))}`);
  } catch (failure) {
    tell(`eventcatalog: ${failure.stdout}${failure.stderr}`);
  }
}

// What the files say there is, told from their folders: kind, id and version.
function written() {
  const pages = readdirSync(catalogue, { recursive: true }).filter((name) => name.endsWith(".mdx"));
  return pages.map((name) => {
    const page = readFileSync(join(catalogue, name), "utf8");
    const value = (key) => page.match(new RegExp(`^${key}: '?([^'\n]+)'?$`, "m"))[1];
    const parts = name.split(/[\\/]/).slice(0, -1);
    const own = parts.at(-2) === "versioned" ? parts.at(-4) : parts.length > 1 ? parts.at(-2) : parts[0];
    return `${own} ${value("id")}@${value("version")}`;
  });
}

async function readBack() {
  const sdk = require("@eventcatalog/sdk").default(catalogue);
  const readers = {
    domains: sdk.getDomains, systems: sdk.getSystems, services: sdk.getServices, events: sdk.getEvents,
    commands: sdk.getCommands, queries: sdk.getQueries, flows: sdk.getFlows, entities: sdk.getEntities,
    containers: sdk.getDataStores, channels: sdk.getChannels, teams: sdk.getTeams,
  };
  const read = new Set();
  for (const [kind, all] of Object.entries(readers)) {
    for (const one of (await all()) ?? []) read.add(`${kind} ${one.id}@${one.version}`);
  }
  const expected = new Set(written());
  for (const one of expected) if (!read.has(one)) tell(`eventcatalog: the SDK does not find ${one}`);
  for (const one of read) if (!expected.has(one)) tell(`eventcatalog: the SDK finds ${one}, which nobody wrote`);
  for (const one of expected) {
    const [, kind, id, version] = one.match(/^(\S+) (.+)@(.+)$/);
    if (!["events", "commands", "queries"].includes(kind)) continue;
    const { schema } = await sdk.getSchemaForMessage(id, version);
    if (!JSON.parse(schema).properties) tell(`eventcatalog: the SDK reads no schema of ${id}@${version}`);
  }
  console.log(`EventCatalog SDK: read back ${read.size} resources.`);
}

await parse();
lint();
await readBack();
if (problems) {
  console.error(`${problems} problem${problems === 1 ? "" : "s"} in the exported contracts.`);
  process.exit(1);
}
