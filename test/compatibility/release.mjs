import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const clockFile = fileURLToPath(new URL('./shifted-clock.cjs', import.meta.url));
/** How long a start, a stop and anything that is awaited may take. */
const patienceMs = 30_000;
const askEveryMs = 20;

/** A service of a release's build, as a process whose clock stands at an instant when it starts. */
export class Release {
  constructor(child, ended, url) {
    Object.assign(this, { child, ended, url });
  }

  static async start(dist, service, dataDir, instant, environment) {
    const aheadMs = Date.parse(instant) - Date.now();
    const child = spawn(process.execPath, [join(dist, `apps/${service}/src/main.js`)], {
      env: {
        ...process.env,
        ...environment,
        NODE_OPTIONS: `--require=${clockFile}`,
        CLOCK_AHEAD_MS: String(aheadMs),
        DATA_DIR: dataDir,
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.once('exit', () => child.kill('SIGKILL'));
    const url = await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`${service} did not start`)), patienceMs).unref();
      void ended.then(() => reject(new Error(`${service} ended`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { level, address } = JSON.parse(line);
        if (level === 'error' || level === 'fatal') console.error(line);
        if (address !== undefined) resolve(address);
      });
    });
    return new Release(child, ended, url);
  }

  async stop() {
    this.child.kill('SIGTERM');
    const code = await this.ended;
    if (code !== 0) throw new Error(`ended with code ${code}`);
  }

  async ask(method, path, body) {
    const isText = typeof body === 'string';
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': isText ? 'application/yaml' : 'application/json' },
        body: isText ? body : JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** Sends what has to be taken, and gives the answer's body. */
  async send(method, path, body) {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Asks until the answer is as wanted. */
  async until(path, wanted) {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const answer = await this.ask('GET', path);
      if (wanted(answer)) return answer.body;
      if (Date.now() > deadline) throw new Error(`GET ${path} stays ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }

  /** Waits until every loop has worked off what there is. */
  async quiet() {
    await this.until('/health/ready', ({ status, body }) => status === 200 && body.indicators.every(isIdle));
  }
}

const isIdle = ({ behind }) => (behind ?? 0) === 0;
