# Titles come from everywhere: as HTML with nothing of its own, they cannot become markup.
# shellcheck disable=SC2016 # JavaScript's own
node -e '
  const {appendFileSync, readdirSync, readFileSync} = require("node:fs");
  const {join} = require("node:path");
  const files = readdirSync("results", {recursive: true}).map(String).filter(file => file.endsWith("deployctl-results.json"));
  // An attempt repeats only the shards that failed: of each shard the newest one counts.
  const newest = new Map();
  for (const file of files) {
    try {
      const result = JSON.parse(readFileSync(join("results", file), "utf8"));
      if ((newest.get(result.shard.index)?.attempt ?? 0) < result.attempt) newest.set(result.shard.index, result);
    } catch {}
  }
  const safe = text => String(text ?? "").slice(0, 500).replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`).replace(/\s+/g, " ");
  const shards = [...newest.values()].sort((a, b) => a.shard.index - b.shard.index);
  const count = (tests, outcome) => tests.filter(test => test.outcome === outcome).length;
  const row = ({shard, tests}) => `<tr><td>${shard.index} of ${shard.total}</td>${["passed", "failed", "flaky", "skipped"].map(outcome => `<td>${count(tests, outcome)}</td>`).join("")}</tr>`;
  const failed = shards.flatMap(({tests}) => tests.filter(test => test.outcome === "failed").slice(0, 100));
  appendFileSync(process.env.GITHUB_STEP_SUMMARY, [
    "<table><tr><th>shard</th><th>passed</th><th>failed</th><th>flaky</th><th>skipped</th></tr>", ...shards.map(row), "</table>", "",
    ...failed.map(test => `<p><code>${safe(test.location)}</code> ${safe(test.title)}<br>${safe(test.error?.message)}</p>`), "",
  ].join("\n"));
'
