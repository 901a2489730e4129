/**
 * For how long Prosody serves nobody but one: a module of ours measures each piece of work of its
 * event loop inside, and is asked here.
 */
import { fileURLToPath } from 'node:url';
import { luaString } from '@conference/launcher';
import { openComponent, xml } from './component-session.mjs';

const CLOCK_DOMAIN = 'clock.localhost';
const WATCHER_DOMAIN = 'watcher.localhost';
const XMLNS = 'urn:x-conference:loop-clock';
const MODULES = fileURLToPath(new URL('./prosody-modules', import.meta.url));

/** Lines of Lua that load the module, and make a component that asks it. */
export function loopClockConfig({ componentSecret, feedModuleDir }) {
  return [
    'VirtualHost "*"',
    `plugin_paths = { ${[feedModuleDir, MODULES].map(luaString).join('; ')} }`,
    `Component "${CLOCK_DOMAIN}" "loop_clock"`,
    `Component "${WATCHER_DOMAIN}"`,
    `component_secret = ${luaString(componentSecret)}`,
  ];
}

/**
 * Begins to measure.
 * @param {{ componentPort: number, componentSecret: string }} prosody started with `hasLoopClock`
 */
export async function openLoopClock({ componentPort, componentSecret }) {
  const component = await openComponent({
    port: componentPort,
    domain: WATCHER_DOMAIN,
    secret: componentSecret,
  });
  const readWork = async () => {
    const question = xml('work', { xmlns: XMLNS });
    const answer = await component.ask(
      xml('iq', { type: 'get', from: WATCHER_DOMAIN, to: CLOCK_DOMAIN }, question),
    );
    const { cpu, wall } = answer.getChild('work', XMLNS).attrs;
    const figures = (text) => text.split(' ').filter(Boolean).map(Number);
    return { cpu: figures(cpu), wall: figures(wall) };
  };
  await readWork();
  return {
    /**
     * The pieces of work since this was asked before, those under 0.1 ms left out, in ms: `cpu` as
     * processor time, `wall` as time that passed, in which other processes had their turns too.
     */
    readWork,
    close: () => component.close(),
  };
}
