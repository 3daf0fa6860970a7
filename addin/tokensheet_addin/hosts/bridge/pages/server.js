"use strict";
// Where the functions are computed: by the server that this page comes from. Excel calls once a cell; the calls of one
// recalculation go to the server together.
const Compute = (() => {
  const MOST_CALLS = 2000; // in a request
  const MOST_CELLS = 1_000_000; // in a request, unless one call alone has more
  const WAIT = 5; // ms for further calls of the same recalculation
  const TOO_MUCH = [413, 504]; // together, but perhaps not each by itself
  const LONGEST = 120_000; // ms after which a server that hangs is an error and no longer #BUSY!

  const token = new URLSearchParams(location.search).get("token");
  const headers = token ? { Authorization: `Bearer ${token}` } : {};

  async function ask(path, body) {
    let response;
    try {
      response = await fetch(path, {
        headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
        method: body ? "POST" : "GET",
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(LONGEST),
      });
    } catch (error) {
      throw new Error(`tokensheet's server does not answer: ${error.message}`);
    }
    if (response.ok) return response.json();
    const ours = response.headers.get("Content-Type")?.startsWith("text/plain"); // and not a proxy's page
    const reason = ours ? await response.text() : `tokensheet's server fails with ${response.status}`;
    throw Object.assign(new Error(reason), { status: response.status });
  }

  let queue = [];
  let cells = 0;
  let timer = null;

  function call(name, args) {
    return new Promise((resolve, reject) => {
      const size = sizeOf(args);
      if (queue.length && (queue.length >= MOST_CALLS || cells + size > MOST_CELLS)) flush();
      queue.push({ call: { name, args }, resolve, reject });
      cells += size;
      timer ??= setTimeout(flush, WAIT);
    });
  }

  // The cells of the arguments and of the result, which has as many rows as the highest and columns as the widest
  function sizeOf(args) {
    const shapes = args.map((arg) => (Array.isArray(arg) ? [arg.length, arg[0].length] : [1, 1]));
    const most = (side) => shapes.reduce((longest, shape) => Math.max(longest, shape[side]), 1);
    return shapes.reduce((sum, [rows, columns]) => sum + rows * columns, most(0) * most(1));
  }

  function flush() {
    clearTimeout(timer);
    const batch = queue;
    [queue, cells, timer] = [[], 0, null];
    return send(batch);
  }

  async function send(batch) {
    try {
      const answers = await ask("call", batch.map((each) => each.call));
      if (answers.length !== batch.length) throw new Error("an answer is missing");
      answers.forEach((answer, index) => {
        if ("error" in answer) batch[index].reject(answer);
        else batch[index].resolve(answer.result);
      });
    } catch (error) {
      if (TOO_MUCH.includes(error.status) && batch.length > 1) { // of one call's fault the others know nothing
        const half = Math.ceil(batch.length / 2);
        return Promise.all([send(batch.slice(0, half)), send(batch.slice(half))]);
      }
      for (const { reject } of batch) reject({ error: "#N/A", reason: error.message });
    }
  }

  return { ask, call, token };
})();
