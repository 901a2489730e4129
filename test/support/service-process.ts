/** One of our services as a process of its own, built and started as in production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withDeadline } from './eventually.js';

const ROOT = new URL('../../', import.meta.url);
const PROBE = new URL('bench/memory-probe.mjs', ROOT).href;

/** What a service holds, right after its garbage was collected. */
export interface ServiceHolding {
  /** Of objects of JavaScript, in bytes. */
  readonly heapUsed: number;
  /** Of buffers and whatever else stands outside that heap, in bytes. */
  readonly external: number;
  /** Of that heap, what V8 has compiled to machine code, in bytes. */
  readonly compiledCode: number;
  /** Sockets, servers, timers and requests that keep the event loop going. */
  readonly activeResources: number;
  /** Processor time so far, in ms. */
  readonly cpuMs: number;
}

export class ServiceProcess {
  #process: ChildProcess | undefined;
  /** Everything that it logged, for the message of a failing test. */
  log = '';

  constructor(
    private readonly name: 'tracker' | 'facade',
    private readonly environment: Readonly<Record<string, string>>,
    private readonly options: { readonly isMeasured?: boolean } = {},
  ) {}

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it; whether it is ready is for the caller to see. */
  start(): void {
    const main = fileURLToPath(new URL(`services/${this.name}/dist/main.js`, ROOT));
    const isMeasured = this.options.isMeasured === true;
    const child = spawn(
      process.execPath,
      [...(isMeasured ? ['--expose-gc', '--import', PROBE] : []), main],
      {
        env: { PATH: process.env['PATH'], ...this.environment },
        stdio: ['ignore', 'pipe', 'pipe', ...(isMeasured ? (['ipc'] as const) : [])],
      },
    );
    this.#process = child;
    const collect = (chunk: Buffer): void => {
      this.log += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** SIGTERM, and the exit code; undefined when it did not run. */
  stop(): Promise<number | null | undefined> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Lets it collect its garbage, and asks what is left; only where it was made to be measured. */
  async measure(): Promise<ServiceHolding> {
    const child = this.#process;
    if (child === undefined) throw new Error(`${this.name} does not run`);
    const answer = once(child, 'message') as Promise<[ServiceHolding]>;
    child.send('measure');
    const [holding] = await withDeadline(answer, `what ${this.name} holds`);
    return holding;
  }

  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null | undefined> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return child?.exitCode;
    }
    // Not before all that it logged has arrived.
    const ended = once(child, 'close');
    child.kill('SIGCONT');
    child.kill(signal);
    await withDeadline(ended, `the end of ${this.name} after ${signal}`, 15_000);
    return child.exitCode;
  }
}
