#!/usr/bin/env node
// Measures linking, labelling and resolving on data that is not part of this repository.
//
//   node scripts/measure.mjs link     DIR     pairs found among febrl3_dev and fake1000_dev, by probability
//   node scripts/measure.mjs classify DIR     labels of banking77 and clinc150, ten examples each and all
//   node scripts/measure.mjs resolve  DIR     decisions of identity_scenarios
//   node scripts/measure.mjs speed    [N]     N made-up records (100,000), seconds and memory of `rapport link`
//
// The program is RAPPORT, else target/release/rapport; the folders' form is told by the functions that read them.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const program = process.env.RAPPORT ?? "target/release/rapport";
const [what, where] = process.argv.slice(2);

/** Rows of a file of JSON lines. */
const rows = (...path) => readFileSync(join(...path), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const percent = (share) => (100 * share).toFixed(1);

/** Runs a batch command; answers its lines and how long it took. */
function run(command, lines) {
    const input = lines.map((line) => JSON.stringify(line)).join("\n") + "\n";
    const from = process.hrtime.bigint();
    const done = spawnSync(program, [command], { input, maxBuffer: 1 << 30, env: { ...process.env, RAPPORT_LOG: "error" } });
    if (done.status !== 0) throw new Error(`rapport ${command}: ${done.error ?? done.stderr}`);
    const seconds = Number(process.hrtime.bigint() - from) / 1e9;
    return { seconds, answers: done.stdout.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line)) };
}

/** A generator of numbers below one that is the same every time. */
function random(seed) {
    let state = BigInt(seed) * 0x9e3779b97f4a7c15n;
    return () => {
        state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
        return Number(state >> 33n) / 2 ** 31;
    };
}

function shuffled(list, next) {
    const out = [...list];
    for (let at = out.length - 1; at > 0; at -= 1) {
        const other = Math.floor(next() * (at + 1));
        [out[at], out[other]] = [out[other], out[at]];
    }
    return out;
}

/** Rows by what a function says of them. */
function grouped(list, by) {
    const groups = new Map();
    for (const row of list) groups.set(by(row), [...(groups.get(by(row)) ?? []), row]);
    return groups;
}

const joined = (...parts) => parts.filter(Boolean).join(" ");

/** Rows of `persons.jsonl`, the truth in `entity`, once with the columns as they are and once as the contract names them. */
function people(name) {
    const all = rows(where, name, "persons.jsonl");
    const truth = new Map(all.map((row) => [row.rec_id ?? row.unique_id, row.entity]));
    const own = ["rec_id", "unique_id", "entity", "cluster", "soc_sec_id"];
    const columns = all.map((row) => ({
        id: row.rec_id ?? row.unique_id,
        fields: Object.fromEntries(Object.entries(row).filter(([key, value]) => !own.includes(key) && value)),
    }));
    const contract = all.map((row) => ({
        id: row.rec_id ?? row.unique_id,
        fields: {
            name: joined(row.given_name ?? row.first_name, row.surname),
            birth_date: row.date_of_birth ?? row.dob,
            email: row.email ?? "",
            address: joined(row.street_number, row.address_1, row.address_2, row.suburb, row.city, row.postcode, row.state),
        },
    }));
    return { truth, layouts: { columns, contract } };
}

function link() {
    for (const name of ["febrl3_dev", "fake1000_dev"]) {
        const { truth, layouts } = people(name);
        const sizes = new Map();
        for (const entity of truth.values()) sizes.set(entity, (sizes.get(entity) ?? 0) + 1);
        const wanted = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
        for (const [layout, records] of Object.entries(layouts)) {
            const { answers, seconds } = run("link", records);
            const told = [0, 0.9, 0.95].map((bar) => {
                const pairs = answers.filter((pair) => pair.probability >= bar);
                const right = pairs.filter((pair) => truth.get(pair.a) === truth.get(pair.b)).length;
                const [precision, recall] = [right / Math.max(1, pairs.length), right / wanted];
                const f1 = (2 * precision * recall) / Math.max(1e-9, precision + recall);
                return `${bar === 0 ? "all" : `p >= ${bar}`}: P ${percent(precision)} R ${percent(recall)} F1 ${(100 * f1).toFixed(2)}`;
            });
            console.log(`${name}, ${layout}: ${records.length} records, ${seconds.toFixed(1)} s | ${told.join(" | ")}`);
        }
    }
}

/** So many examples of each label. */
function few(examples, count, seed) {
    const next = random(seed);
    const byLabel = grouped(examples, (row) => row.intent);
    return [...byLabel.values()].flatMap((own) => shuffled(own, next).slice(0, count));
}

function labelled(title, train, test) {
    const lines = [{ train: train.map((row) => ({ text: row.text, label: row.intent })) }, ...test.map((row, id) => ({ id, text: row.text }))];
    const { answers, seconds } = run("classify", lines);
    const inside = test.map((row, id) => ({ row, answer: answers[id] })).filter(({ row }) => row.intent !== "oos");
    const outside = test.map((row, id) => ({ row, answer: answers[id] })).filter(({ row }) => row.intent === "oos");
    const right = inside.filter(({ row, answer }) => answer.label === row.intent);
    const refused = inside.filter(({ answer }) => answer.unknown).length;
    let said = `${title}: accuracy ${percent(right.length / inside.length)}`;
    if (outside.length > 0) {
        const recall = outside.filter(({ answer }) => answer.unknown).length / outside.length;
        // Precision depends on how many of each are asked: told for one stranger to 4.5 of ours.
        const precision = recall / (recall + (4.5 * refused) / inside.length);
        const kept = right.filter(({ answer }) => !answer.unknown).length / inside.length;
        said += ` | unknown: recall ${percent(recall)} precision ${percent(precision)}, ours right and not refused ${percent(kept)}`;
    }
    console.log(`${said} (${train.length} examples, ${seconds.toFixed(1)} s)`);
    return right.length / inside.length;
}

/** Banking77 has no second file here: 40 questions of each label (or a quarter) are kept apart. */
function classify() {
    const next = random(7);
    const [train, test] = [[], []];
    for (const own of grouped(shuffled(rows(where, "banking77", "train.jsonl"), next), (row) => row.intent).values()) {
        const apart = Math.min(40, Math.floor(own.length / 4));
        test.push(...own.slice(0, apart));
        train.push(...own.slice(apart));
    }
    const clinc = (name) => rows(where, "clinc150", `${name}.jsonl`);
    const [known, asked, strange, stranger] = ["train", "val", "oos_train", "oos_val"].map(clinc);
    for (const [name, from, to] of [["banking77", train, test], ["clinc150", known, asked]]) {
        const shares = [1, 2, 3].map((seed) => labelled(`${name}, 10 each, draw ${seed}`, few(from, 10, seed), to));
        console.log(`${name}, 10 each, mean: ${percent(shares.reduce((sum, share) => sum + share, 0) / shares.length)}`);
        labelled(`${name}, all`, from, to);
    }
    labelled("clinc150 with strangers, some of them in training", [...known, ...strange], [...asked, ...stranger]);
    labelled("clinc150 with strangers, none in training", known, [...asked, ...stranger]);
}

/** `accounts.jsonl` in the form `rapport resolve` takes; `gold.jsonl` judges pairs: merge, ask, separate. */
function resolve() {
    const { answers } = run("resolve", rows(where, "identity_scenarios", "accounts.jsonl"));
    const customer = new Map(answers.filter((line) => line.account).map((line) => [line.account, line.customer]));
    const key = (a, b) => [a, b].sort().join("\n");
    const asked = new Set(answers.filter((line) => line.suggest).map((line) => key(...line.suggest)));
    const tally = { merge: [0, 0], ask: [0, 0], separate: [0, 0] };
    let unsafe = 0;
    for (const { case: situation, a, b, decision } of rows(where, "identity_scenarios", "gold.jsonl")) {
        const made = customer.get(a) === customer.get(b) ? "merge" : asked.has(key(a, b)) ? "ask" : "separate";
        tally[decision][1] += 1;
        if (made === decision) tally[decision][0] += 1;
        else console.log(`${situation}: ${decision} wanted, ${made} (${a}, ${b})`);
        if (made === "merge" && decision !== "merge") unsafe += 1;
    }
    const said = Object.entries(tally).map(([decision, [right, all]]) => `${decision} ${right} of ${all}`);
    console.log(`unsafe merges ${unsafe} | ${said.join(" | ")}`);
}

/** People of made-up names, a fifth of them written two to four times with slips and gaps. */
function crowd(count) {
    const next = random(5);
    const upTo = (size) => Math.floor(next() * size);
    const syllables = "ba ko mi ra ne lu ta si do ve ma ri an el jo ka le no pe sa to ul win zar ber man ton son ham ley".split(" ");
    const words = (size, longest) => Array.from({ length: size }, () => Array.from({ length: 2 + upTo(longest - 1) }, () => syllables[upTo(30)]).join(""));
    const [given, family, streets, towns] = [words(1500, 3), words(20000, 4), words(8000, 3), words(1500, 3)];
    const common = (list) => list[Math.floor(list.length * next() ** 3)];
    const digits = (size) => String(upTo(10 ** size)).padStart(size, "0");
    const slip = (text) => {
        const at = upTo(text.length - 1);
        return text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
    };
    const [records, truth] = [[], new Map()];
    for (let person = 0; records.length < count; person += 1) {
        const [first, last] = [common(given), common(family)];
        const fields = {
            name: `${first} ${last}`,
            birth_date: `${1930 + upTo(76)}-${digits(1) % 9 + 1}-${1 + upTo(28)}`.replace(/-(\d)(?=-|$)/g, "-0$1"),
            email: `${first}.${last}${upTo(99)}@${common(towns)}.example`,
            phone: `+336${digits(8)}`,
            address: `${1 + upTo(200)} ${common(streets)} street, ${10000 + upTo(85999)} ${common(towns)}`,
        };
        for (let copy = next() < 0.8 ? 1 : 2 + upTo(3); copy > 0 && records.length < count; copy -= 1) {
            const written = Object.entries(fields).flatMap(([name, value]) => {
                const luck = copy === 1 ? 1 : next();
                return luck < 0.25 ? [] : [[name, luck < 0.4 ? slip(value) : value]];
            });
            const id = `r${records.length}`;
            records.push({ id, fields: Object.fromEntries(written) });
            truth.set(id, person);
        }
    }
    return { records, truth };
}

function speed() {
    const { records, truth } = crowd(Number(where ?? 100_000));
    const timed = existsSync("/usr/bin/time");
    const input = records.map((record) => JSON.stringify(record)).join("\n");
    const from = process.hrtime.bigint();
    const [command, options] = timed ? ["/usr/bin/time", ["-f", "%M", program, "link"]] : [program, ["link"]];
    const done = spawnSync(command, options, { input, maxBuffer: 1 << 30 });
    if (done.status !== 0) throw new Error(`rapport link: ${done.error ?? done.stderr}`);
    const seconds = Number(process.hrtime.bigint() - from) / 1e9;
    const found = done.stdout.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const right = found.filter((pair) => truth.get(pair.a) === truth.get(pair.b)).length;
    const memory = timed ? `${(Number(done.stderr.toString().trim().split("\n").at(-1)) / 1024).toFixed(0)} MiB` : "memory not measured";
    console.log(`${records.length} records: ${seconds.toFixed(1)} s, ${memory}, ${found.length} pairs, ${percent(right / found.length)} % right`);
}

const acts = { link, classify, resolve, speed };
if (!acts[what] || (what !== "speed" && !where)) {
    console.error("usage: node scripts/measure.mjs link|classify|resolve DIR, or speed [N]");
    process.exit(2);
}
acts[what]();
