// What looks up or searches rather than computes, as catalogue.py and searches.py do it.

const LOOK_UPS = {
  CHIP: ({ name, field: column }) => field(find("chip", name), column),
  MODEL: ({ name, field: column }) => field(find("model", name), column),
  BEST_CHIP: bestChip,
  BEST_BATCH: bestBatch,
  SERVING_USERS: servingUsers,
  USERS_AT_RATE: usersAtRate,
  BEST_DEPLOYMENT: bestDeployment,
};

function priced(given) {
  const basis = oneOf("price_basis", given, BASES);
  const names = CHIPS.filter((row) => RENTS[row.name]?.[basis]).map((row) => row.name);
  if (!names.length) throw new Unnamed(`no chip has a rent for the price basis ${quoted(basis)}`);
  return names;
}

function bestChip(asked) {
  const names = priced(asked.price_basis);
  const costs = names.map((chip) => {
    const question = ask(FUNCTIONS.DECODE_COST, { ...asked, chip });
    question.needed();
    return question.answer();
  });
  return names[costs.indexOf(Math.min(...costs))];
}

function bestBatch({ max_latency: limit, ...rest }) {
  const asked = ask(FUNCTIONS.DECODE_TIME, { ...rest, batch: 1 });
  return mostThatFit(asked, [asked.key], (found) => found.get(asked.key) <= limit);
}

function servingUsers({ max_ttft: ttft, max_tpot: tpot, ...rest }) {
  const asked = ask(FUNCTIONS.SERVING_TTFT, { ...rest, users: 1 });
  return mostThatFit(asked, ["ttft", "token_time"], (found) => inTime(found, ttft, tpot));
}

const inTime = (found, ttft, tpot) => found.get("ttft") <= ttft && found.get("token_time") <= tpot;

function usersAtRate({ requests_per_second: rate, ...rest }) {
  const asked = ask(FUNCTIONS.SERVING_RATE, { ...rest, users: 1 });
  const slower = mostThatFit(asked, ["request_rate"], (found) => found.get("request_rate") < rate);
  if (slower === Math.min(asked.evaluate(["largest_batch"]).get("largest_batch"), MOST)) {
    const names = `${asked.model.name} on ${asked.chip.name}`;
    const wayOut = "give it more chips, or share them";
    throw new Unknown(`${names} cannot keep up with ${general(rate, 6)} requests a second; ${wayOut}`);
  }
  return slower + 1;
}

/** The most users that fit, or sequences of a batch, for whom a condition holds that fails from some number on. */
function mostThatFit(asked, keys, holds) {
  asked.needed();
  asked.answer();
  const tried = asked.with({}).evaluate(["largest_batch"]);
  let [least, most] = [0, Math.min(tried.get("largest_batch"), MOST)];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    tried.set("users", Math.max(middle, 1));
    tried.set("batch", Math.max(middle, 1));
    if (holds(tried.evaluate(keys, ["chips"]))) least = middle;
    else most = middle - 1;
  }
  return least;
}

function layouts(experts) {
  const found = [];
  for (const count of COUNTS) {
    for (const shared of COUNTS.slice(0, 4)) {
      for (const stages of COUNTS) {
        if (experts > 1 ? count >= shared && stages === 1 : count === shared * stages) found.push([count, shared, stages]);
      }
    }
  }
  return found;
}

/** The layout on a chip that serves a request in time for least, with all users that it can; null if none does. */
function bestLayout(given, chip, ttft, tpot) {
  const asked = ask(FUNCTIONS.REQUEST_COST, { ...given, chip, users: 1 });
  asked.needed();
  const keys = ["ttft", "token_time", "fits", asked.key];
  let best = null;
  for (const [chips, shared, stages] of layouts(asked.get("total_experts"))) {
    const tried = asked.with({ own_chips: chips, own_tensor_parallel: shared, own_stages: stages, batch: 1 });
    let low = 1;
    let high = Math.min(MOST, Math.max(1, tried.evaluate(["largest_batch"]).get("largest_batch")));
    let good = [];
    for (let round = 0; round < ROUNDS; round++) {
      const all = [];
      good = [];
      for (let step = 0; step < STEPS; step++) {
        const users = Number(fixed(low * Math.pow(high / low, step / (STEPS - 1)), 0));
        if (all.at(-1) === users) continue;
        all.push(users);
        tried.set("users", users);
        tried.set("batch", users);
        tried.evaluate(keys);
        if (!tried.get("fits") || !inTime(tried, ttft, tpot)) continue;
        const [first, token, cost] = ["ttft", "token_time", asked.key].map((key) => tried.get(key));
        good.push({ chips, tensor_parallel: shared, stages, users, ttft: first, tpot: token, usd_per_request: cost });
      }
      const last = Math.max(0, good.length - 1); // more users wait longer
      low = all[last];
      high = all[Math.min(last + 1, all.length - 1)];
    }
    for (const each of good) if (!best || each.usd_per_request < best.usd_per_request) best = each;
  }
  return best && { chip: asked.chip.name, ...best };
}

function bestDeployment({ field, chip, max_ttft: ttft, max_tpot: tpot, ...given }) {
  const wanted = oneOf("field", field, FIELDS);
  oneOf("price_basis", given.price_basis, BASES);
  const found = [];
  for (const name of chip ? [chip] : priced(given.price_basis)) {
    try {
      found.push(bestLayout(given, name, ttft, tpot));
    } catch (error) {
      if (chip || !(error instanceof Unnamed)) throw error;
    }
  }
  const best = found.filter(Boolean).sort((one, other) => one.usd_per_request - other.usd_per_request)[0];
  if (!best) {
    const where = chip ? `no number of ${chip.name ?? chip} up to ${COUNTS.at(-1)}` : "no chips of the catalogue";
    const limits = `${general(ttft, 6)} s to the first token and ${general(tpot, 6)} s a token`;
    throw new Unknown(`${given.model.name ?? given.model} is served within ${limits} by ${where}`);
  }
  return wanted === "summary" ? summary(best) : best[wanted];
}

function summary(best) {
  const stages = best.stages > 1 ? `, ${best.stages} stages` : "";
  const layout = `tensor parallel ${best.tensor_parallel}${stages}`;
  const speed = `${general(best.users, 6)} users, ${fixed(best.ttft, 2)} s to the first token, ${fixed(1e3 * best.tpot, 1)} ms a token`;
  return `${best.chips} x ${best.chip}, ${layout}: ${speed}, $${general(best.usd_per_request, 3)} a request`;
}
