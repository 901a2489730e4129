/** Containers for tests, by podman; `npm run test:containers` has made it ready and built images. */
import { execFile, execFileSync } from 'node:child_process';

/** Nothing that the tests ask of podman takes longer than some seconds. */
const TIMEOUT_MS = 60_000;

/**
 * Runs podman and returns what it prints.
 * @param input for its standard input
 */
export function podman(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('podman', args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`podman ${args[0]}: ${stdout}${stderr}`, { cause: error }));
    });
    // A container that ends without reading answers with its exit code, not with a broken pipe.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** The same while everything else stands still, for what has to be done when a call returns. */
export function podmanSync(args: readonly string[]): string {
  return execFileSync('podman', args, { timeout: TIMEOUT_MS, encoding: 'utf8', stdio: 'pipe' });
}

/**
 * What every container of the tests is made with: as little as those of docker-compose.yml may do,
 * and the label by which the run finds what a test left behind.
 */
export function containerOptions(): string[] {
  const label = process.env['CONFERENCE_CONTAINER_LABEL'];
  return [
    ...(label === undefined ? [] : [`--label=${label}`]),
    '--read-only',
    '--tmpfs=/tmp',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    // Without systemd podman can plan no health checks.
    '--no-healthcheck',
  ];
}
