/** Facades that a test starts and need not stop. */
import { startFixture, type FacadeFixture, type FixtureOptions } from './facade.fixture.js';

/**
 * Makes a file's way to start facades; all are stopped after each of its tests.
 * @param afterEach the test runner's
 */
export function stopEach(
  afterEach: (stop: () => Promise<void>) => void,
): (options?: FixtureOptions) => Promise<FacadeFixture> {
  let running: FacadeFixture[] = [];
  afterEach(async () => {
    await Promise.all(running.map((fixture) => fixture.stop()));
    running = [];
  });
  return async (options = {}) => {
    const fixture = await startFixture(options);
    running.push(fixture);
    return fixture;
  };
}
