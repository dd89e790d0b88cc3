// The one way from a page to /store/v1 and /staff/v1: every change goes through `call`.
//
// A write carries the CSRF token of the readable cookie and an Idempotency-Key that stays the same however often it is
// sent again, so that a slow network never orders twice. Secrets are in cookies that no script sees.

const PATIENCE_MS = [800, 2500, 6000]; // waits between tries when nothing else is said
const LONGEST_WAIT_S = 15;
const ANSWER_WITHIN_MS = 25000;

/** A refusal as the API words it (application/problem+json), or `offline`, when nobody answered at all. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || body.code);
    Object.assign(this, { errors: [] }, body, { status });
  }
}

/** A fresh key for one wish of a person: keep it for as long as the wish is the same. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Ask, and get the answer's JSON (null when it has none). Throws a Problem.
 * `key`: the Idempotency-Key, else a new one. `version`: of the thing that she saw, for If-Match.
 */
export async function call(method, path, body, { key = newKey(), version } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (version !== undefined) headers["If-Match"] = `"v${version}"`;
  const writes = method !== "GET";
  if (writes) headers["Idempotency-Key"] = key;
  let renewed = false;
  for (let tried = 0; ; tried += 1) {
    if (writes) headers["X-CSRFToken"] = token() || (await renewToken(path));
    let problem;
    try {
      return await send(method, path, headers, body);
    } catch (error) {
      problem = error;
    }
    if (problem.code === "csrf_failed" && !renewed) {
      renewed = true;
      await renewToken(path);
      continue;
    }
    const wait = waitBefore(problem, tried);
    if (wait === null) throw problem;
    await new Promise((done) => setTimeout(done, wait));
  }
}

/** What a form of the API calls a field, and what is wrong with it: `{email: "invalid_email"}`. */
export function wrongFields(problem) {
  const wrong = {};
  for (const error of problem.errors || []) wrong[error.pointer?.split("/")[1]] ??= error.code;
  return wrong;
}

async function send(method, path, headers, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch {
    throw new Problem(0, { code: "offline" });
  }
  const told = await response.json().catch(() => null);
  if (response.ok) return told;
  const after = Number(response.headers.get("Retry-After"));
  throw new Problem(response.status, { code: "internal_error", ...told, retry_after: after || null });
}

function waitBefore(problem, tried) {
  const again = problem.status === 503 || problem.status === 429 || problem.code === "idempotency_key_in_flight";
  if (!again && !(problem.code === "offline" && navigator.onLine)) return null;
  if (tried >= PATIENCE_MS.length || problem.retry_after > LONGEST_WAIT_S) return null;
  return Math.max(PATIENCE_MS[tried], (problem.retry_after || 0) * 1000);
}

function token() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/)?.[1];
}

async function renewToken(path) {
  const audience = path.startsWith("/staff/") ? "staff" : "store";
  const told = await call("GET", `/${audience}/v1/session`);
  return token() || told.csrf;
}
