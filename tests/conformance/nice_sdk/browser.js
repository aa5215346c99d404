// What NICE's SDK takes from a browser. Its requests are Node's own; every host leads to the emulator.
class Storage {
  kept = new Map();
  getItem(name) { return this.kept.get(name) ?? null; }
  setItem(name, value) { this.kept.set(name, String(value)); }
  removeItem(name) { this.kept.delete(name); }
}
globalThis.window = globalThis.self = globalThis;
globalThis.localStorage = new Storage();
globalThis.sessionStorage = new Storage();
globalThis.document = { addEventListener() {}, removeEventListener() {} };
globalThis.location = { href: 'http://localhost/', hostname: 'localhost', search: '' };
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) globalThis[name] ??= () => true;

const own = globalThis.fetch;
export const requests = [];
globalThis.fetch = (url, init) => {
  const { host, pathname, search } = new URL(url);
  requests.push([init?.method ?? 'GET', host, pathname]);
  return own(process.env.EMULATOR + pathname + search, init);
};
export const press = (url) => {
  const { pathname, search } = new URL(url);
  const body = new URLSearchParams({ decision: 'allow' });
  return own(process.env.EMULATOR + pathname + search, { method: 'POST', body, redirect: 'manual' });
};
